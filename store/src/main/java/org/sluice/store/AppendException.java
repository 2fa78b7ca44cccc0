package org.sluice.store;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The one exception of Sluice: what went wrong as a {@link Code} to decide by, and a sentence to
 * read. Mistakes in arguments (null, negative, out of bounds) are the JDK's own exceptions instead.
 */
public final class AppendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * No index, no errno: the value of {@link #index()} and {@link #errno()} when there is none.
     */
    public static final int NONE = -1;

    /** What went wrong, by what the caller can do about it. */
    public enum Code {
        /**
         * The disk is full. Nothing acknowledged is lost; writing goes on by itself once there is
         * space.
         */
        DISK_FULL,
        /**
         * No free slot, or no free overflow buffer, and the log was told not to wait; or what was
         * appended did not reach the disk in time for a truncation.
         */
        BACK_PRESSURED,
        /** The log, or the reader, was closed. */
        CLOSED,
        /**
         * The log ended for good, and the cause says why: a write or a sync failed; or {@code
         * close} gave up after {@code closeTimeout}, because of claims left open or a full disk; or
         * {@code onWriterStart} threw.
         */
        FAILED,
        /** The entry is longer than {@code maxEntryBytes}. */
        ENTRY_TOO_LARGE,
        /** The log never syncs (policy NEVER), so there is nothing to wait for. */
        SYNC_DISABLED,
        /** The waiting thread was interrupted, and still is. */
        INTERRUPTED,
        /**
         * The entry was given up: by retention or {@code truncateBefore}, then it lies before the
         * first one kept; or, for a reader, by {@code truncateAfter}.
         */
        INDEX_TRUNCATED,
        /** The index lies after the last entry. */
        INDEX_NOT_WRITTEN,
        /** The entry at this index was aborted by its producer. */
        ENTRY_ABORTED,
        /** Another process, or another part of this one, has the log open. */
        LOCKED,
        /** Data that was acknowledged is damaged or missing. */
        CORRUPT,
        /** The log was written by a newer version of Sluice. */
        NEWER_FORMAT,
        /** The path is not a log: a file, or a directory that holds other things. */
        NOT_A_LOG,
        /**
         * The directory, or the one above it, does not exist; or it is empty, and a log was to be
         * in it.
         */
        NOT_FOUND,
        /** The operating system denies access. */
        ACCESS_DENIED,
        /** A backend, flag or option was asked for that cannot run here. */
        UNSUPPORTED,
        /** A JVM flag is missing. */
        MISSING_JVM_FLAG,
        /** Any other failure of the operating system; see {@link #errno()}. */
        IO
    }

    private final Code code;
    private final transient Path file;
    private final long index;
    private final int errno;

    /** A fault with nothing more to say than its sentence. */
    public AppendException(Code code, String message) {
        this(code, message, null, NONE, NONE, null);
    }

    /** A fault with its cause. */
    public AppendException(Code code, String message, Throwable cause) {
        this(code, message, null, NONE, NONE, cause);
    }

    /** A fault of a file. */
    public AppendException(Code code, String message, Path file, Throwable cause) {
        this(code, message, file, NONE, NONE, cause);
    }

    /** A fault with all there is to know; absent parts are null or {@link #NONE}. */
    public AppendException(
            Code code, String message, Path file, long index, int errno, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
        this.file = file;
        this.index = index;
        this.errno = errno;
    }

    /** What went wrong. */
    public Code code() {
        return code;
    }

    /** The file concerned, or null. */
    public Path file() {
        return file;
    }

    /** The entry concerned, or {@link #NONE}. */
    public long index() {
        return index;
    }

    /** The operating system's error number (Linux numbering), or {@link #NONE}. */
    public int errno() {
        return errno;
    }
}
