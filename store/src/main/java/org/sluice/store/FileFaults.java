package org.sluice.store;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns the JDK's I/O exceptions into {@link AppendException}s. They carry no error number, so the
 * code is decided by the exception's type and by the state of the filesystem. Their text, which the
 * C library may translate, is believed only where it says what nothing else does: that a quota or
 * the inodes are used up.
 */
public final class FileFaults {
    /**
     * A failed write counts as "disk full" if there is less space than was asked for and this. A
     * filesystem keeps some blocks for itself, so it is full before it says 0.
     */
    static final long FULL_SLACK_BYTES = 1024 * 1024;

    /** What strerror(3) of glibc and musl calls ENOSPC and EDQUOT. */
    private static final List<String> FULL_TEXTS =
            List.of("No space left on device", "Disk quota exceeded", "Quota exceeded");

    /** For when there is no memory to make another. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // that is the point
    private static final AppendException UNTOLD =
            new AppendException(
                    AppendException.Code.FAILED, "unexpected: a failure that could not be told");

    private FileFaults() {}

    /** What ends a thread though nobody foresaw it, in any case: memory may be exhausted. */
    public static AppendException unexpected(Throwable thrown) {
        try {
            return new AppendException(
                    AppendException.Code.FAILED, "unexpected: " + thrown, thrown);
        } catch (Throwable untold) {
            return UNTOLD;
        }
    }

    /** The fault of a call that changes nothing; {@code doing} names the act: "read". */
    public static AppendException of(IOException cause, String doing, Path file) {
        return exception(errno(cause), cause, doing, file);
    }

    /**
     * The fault of a read at {@code position}. Its number is told, so that {@link #isUnreadable}
     * knows it: what a read of an open file fails with is EIO, or comes down to it.
     */
    static AppendException ofRead(IOException cause, Path file, long position) {
        int errno = errno(cause);
        if (errno != Errno.EIO) {
            return Errno.exception(errno, "read", file, cause);
        }
        String message = "cannot read " + file + " at position " + position + ": " + cause;
        return new AppendException(
                AppendException.Code.IO, message, file, AppendException.NONE, errno, cause);
    }

    /** Whether a read failed because of the place it was for: another may well succeed. */
    public static boolean isUnreadable(AppendException fault) {
        return fault.code() == AppendException.Code.IO && fault.errno() == Errno.EIO;
    }

    /** The fault of a call that changes something and needs space for {@code bytes} more bytes. */
    public static AppendException ofWrite(IOException cause, String doing, Path file, long bytes) {
        return exception(writeErrno(cause, file, bytes), cause, doing, file);
    }

    /**
     * The {@link Errno} that comes closest to what befell a write of {@code bytes} to {@code file}.
     */
    public static int writeErrno(IOException cause, Path file, long bytes) {
        int errno = errno(cause);
        if (errno != Errno.EIO) {
            return errno;
        }
        if (saysFull(cause)) {
            // Before the filesystem is asked: without /proc or a free descriptor it can't be.
            return Errno.ENOSPC;
        }
        Path parent = file.toAbsolutePath().getParent();
        try {
            FileStore store = Files.getFileStore(parent == null ? file : parent);
            if (store.isReadOnly()) {
                return Errno.EROFS;
            }
            boolean isFull = store.getUsableSpace() < bytes + FULL_SLACK_BYTES;
            return isFull ? Errno.ENOSPC : Errno.EIO;
        } catch (IOException e) {
            return Errno.EIO;
        }
    }

    /**
     * Whether the text says that the disk, a quota or the inodes are used up. The reason alone is
     * looked at: the rest of a message has a file's name in it.
     */
    public static boolean saysFull(IOException cause) {
        String reason =
                cause instanceof FileSystemException fault ? fault.getReason() : cause.getMessage();
        return reason != null && FULL_TEXTS.contains(reason);
    }

    /** The {@link Errno} that comes closest to {@code cause}; EIO when nothing more is known. */
    public static int errno(IOException cause) {
        return switch (cause) {
            case NoSuchFileException e -> Errno.ENOENT;
            case AccessDeniedException e -> Errno.EACCES;
            case FileAlreadyExistsException e -> Errno.EEXIST;
            case NotDirectoryException e -> Errno.ENOTDIR;
            case ClosedChannelException e -> Errno.EBADF;
            default -> Errno.EIO;
        };
    }

    private static AppendException exception(
            int errno, IOException cause, String doing, Path file) {
        if (errno != Errno.EIO) {
            return Errno.exception(errno, doing, file, cause);
        }
        // The number is a guess, so it is not told; what the system said is, for a human to read.
        String message = "cannot " + doing + " " + file + ": " + cause;
        return new AppendException(AppendException.Code.IO, message, file, cause);
    }
}
