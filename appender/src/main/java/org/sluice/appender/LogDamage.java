package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.nio.file.Path;

/**
 * One place where a log is damaged: data that was acknowledged, or may have been, can't be read.
 *
 * @param file the segment's file
 * @param position where in the file the damage begins, 0 for the whole file
 * @param firstIndex the first entry lost, -1 if that can't be told
 * @param lastIndex the last entry lost, -1 if that can't be told; {@code firstIndex - 1} if no
 *     entry is, but for 0, of which that can't be told
 * @param description what is wrong, in one sentence without a full stop
 * @param isUnreadable whether something there can't be read at all, as a bad sector can't, so that
 *     nobody can tell what it is
 */
public record LogDamage(
        Path file,
        long position,
        long firstIndex,
        long lastIndex,
        String description,
        boolean isUnreadable) {
    /** Stands for an index that can't be told. */
    public static final long UNKNOWN = -1;

    /** Whether only what can be rebuilt is damaged, and every entry can be read. */
    public boolean losesNothing() {
        return firstIndex != UNKNOWN && lastIndex != UNKNOWN && lastIndex == firstIndex - 1;
    }

    /** The entries lost, in words. */
    public String lostEntries() {
        if (losesNothing()) {
            return "no entry is lost";
        }
        if (firstIndex == UNKNOWN && lastIndex == UNKNOWN) {
            return "which entries are lost can't be told";
        }
        if (isUnreadable && lastIndex == UNKNOWN) {
            return "entries from " + firstIndex + " on, if there were any, are lost";
        }
        return lost(firstIndex, lastIndex);
    }

    /**
     * Which entries are lost, in words.
     *
     * @param last {@link #UNKNOWN}, or anything before {@code first}, if it can't be told
     */
    static String lost(long first, long last) {
        return range(first, last) + (first == last ? " is lost" : " are lost");
    }

    /** Those entries, in words. */
    static String range(long first, long last) {
        if (first == UNKNOWN) {
            return "entries up to " + last;
        }
        if (last < first) {
            return "entries from " + first + " on";
        }
        return first == last ? "entry " + first : "entries " + first + " to " + last;
    }

    /** Names segment file, position and index range. */
    public String sentence() {
        return file
                + " is damaged at position "
                + position
                + ": "
                + description
                + "; "
                + lostEntries();
    }

    /**
     * What an operation throws that can't go past this damage: CORRUPT, or IO if no more is known
     * than that something can't be read. It may be the whole device that is gone.
     */
    AppendException exception() {
        boolean isProven = !isUnreadable || lastIndex != UNKNOWN;
        return new AppendException(
                isProven ? AppendException.Code.CORRUPT : AppendException.Code.IO,
                sentence(),
                file,
                firstIndex,
                isUnreadable ? Errno.EIO : AppendException.NONE,
                null);
    }
}
