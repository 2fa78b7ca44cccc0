package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What a log promised, kept in plain memory: the content of every entry accepted, and how far it
 * has to survive what.
 */
final class SimModel {
    private static final long NONE = -2;

    private static final byte[] NOTHING = {};

    private final List<byte[]> entries = new ArrayList<>();

    /** Indexes of claims that were neither committed nor aborted. */
    private final BitSet pending = new BitSet();

    private final BitSet aborted = new BitSet();
    private long durableIndex = -1;
    private long writtenIndex = -1;
    private long firstIndexMin;
    private long firstIndexMax;
    private long truncatingAfter = NONE;
    private boolean isRetaining;
    private boolean isUnsynced;
    private boolean isCut;
    private boolean hasForgotten;
    private long accepted;

    /** What a simulation found wrong. */
    static final class Violation extends AssertionError {
        private static final long serialVersionUID = 1L;

        Violation(String message) {
            super(message);
        }

        Violation(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static void check(boolean isRight, String message) {
        if (!isRight) {
            throw new Violation(message);
        }
    }

    /** Whether bytes are wrong, and not just unreadable this time, as a fault may make them. */
    static boolean isDamage(AppendException thrown) {
        return thrown.code() == AppendException.Code.CORRUPT && thrown.errno() != Errno.EIO;
    }

    // ---- what was said to the log, and what it said ----

    long nextIndex() {
        return entries.size();
    }

    long durableIndex() {
        return durableIndex;
    }

    long accepted() {
        return accepted;
    }

    /** The log has given {@code index} to an entry. */
    void accept(long index, byte[] content) {
        check(index == nextIndex(), "index " + index + " was given out, not " + nextIndex());
        entries.add(content);
        accepted++;
    }

    /** The log has given {@code index} to a claim. */
    void claim(long index) {
        accept(index, NOTHING);
        pending.set((int) index);
    }

    /** A claim was committed. */
    void commit(long index, byte[] content) {
        if (pending.get((int) index)) {
            pending.clear((int) index);
            entries.set((int) index, content);
        }
    }

    /** A claim was given up. */
    void abort(long index) {
        if (pending.get((int) index)) {
            pending.clear((int) index);
            aborted.set((int) index);
        }
    }

    boolean isAborted(long index) {
        check(index >= 0 && index < nextIndex(), "there is no entry " + index);
        return aborted.get((int) index);
    }

    /** The log said that this much is durable. */
    void durable(long index) {
        check(
                index < nextIndex(),
                "durable up to " + index + ", but the next entry is " + nextIndex());
        durableIndex = Math.max(durableIndex, index);
    }

    /** The log said that this much is written. */
    void written(long index) {
        check(
                index < nextIndex(),
                "written up to " + index + ", but the next entry is " + nextIndex());
        writtenIndex = Math.max(writtenIndex, index);
    }

    /** The log is in use in a way that lets a power cut do anything to what it writes. */
    void neverSyncs() {
        isUnsynced = true;
    }

    /** From now on retention may take what is old. */
    void retains() {
        isRetaining = true;
    }

    /** Entries before {@code index} may go from now on. */
    void truncatingBefore(long index) {
        firstIndexMax = Math.max(firstIndexMax, index);
    }

    /** What lies before {@code firstIndex} is gone for good. */
    void truncatedBefore(long firstIndex) {
        firstIndexMin = Math.max(firstIndexMin, firstIndex);
    }

    /** Entries after {@code index} may go from now on. */
    void truncatingAfter(long index) {
        truncatingAfter = index;
    }

    /** Nothing was truncated. */
    void notTruncated() {
        truncatingAfter = NONE;
    }

    /** The entries after {@code index} are gone for good. */
    void truncatedAfter(long index) {
        truncatingAfter = NONE;
        forgetFrom(index + 1);
        durableIndex = Math.min(durableIndex, index);
        writtenIndex = Math.min(writtenIndex, index);
    }

    /** The log was closed in order. */
    void closed() {
        written(nextIndex() - 1);
        if (!isUnsynced) {
            durable(nextIndex() - 1);
        }
    }

    /** The log has failed, so that what was not durable may be lost. */
    void failed() {
        writtenIndex = durableIndex;
    }

    /** The power went. */
    void cut() {
        isCut = true;
    }

    /**
     * A sync failed, and what it covered is gone: to a log that never syncs this is as bad as a
     * power cut.
     */
    void forgot() {
        hasForgotten = true;
    }

    /** Whether data may be damaged now. */
    boolean mayBeDamaged() {
        return isUnsynced && (isCut || hasForgotten);
    }

    private void forgetFrom(long index) {
        int first = (int) index;
        int last = entries.size();
        entries.subList(first, last).clear();
        pending.clear(first, last);
        aborted.clear(first, last);
    }

    // ---- what is found ----

    /** The log was opened and has entries from {@code firstIndex} to {@code nextIndex} - 1. */
    void opened(long firstIndex, long nextIndex) {
        String found = "opened with entries " + firstIndex + " to " + (nextIndex - 1) + ", ";
        check(nextIndex <= nextIndex(), found + "but only " + nextIndex() + " were appended");
        boolean isCutOff = truncatingAfter != NONE && nextIndex == truncatingAfter + 1;
        if (!isCutOff) {
            boolean isTruncated = mayBeDamaged() && (isRetaining || durableIndex < firstIndexMax);
            check(
                    isTruncated || nextIndex > durableIndex,
                    found + "but " + durableIndex + " was durable");
            check(
                    isCut || nextIndex > writtenIndex,
                    found + "but " + writtenIndex + " was written");
        }
        check(firstIndex <= nextIndex, found + "which is not a range");
        if (mayBeDamaged()) {
            firstIndexMin = Math.min(firstIndexMin, firstIndex);
            firstIndexMax = Math.max(firstIndexMax, firstIndex);
        }
        check(
                firstIndex >= firstIndexMin,
                found + "but those before " + firstIndexMin + " were truncated");
        check(
                isRetaining || firstIndex <= firstIndexMax,
                found + "but those from " + firstIndexMax + " on were to be kept");
        forgetFrom(nextIndex);
        check(pending.isEmpty(), found + "one of which was neither committed nor aborted");
        durableIndex = nextIndex - 1;
        writtenIndex = durableIndex;
        truncatingAfter = NONE;
        isUnsynced = false;
        isCut = false;
        hasForgotten = false;
    }

    /** An entry was read. */
    void read(long index, byte[] content) {
        check(!isAborted(index), "entry " + index + " was read, but was aborted");
        check(!pending.get((int) index), "entry " + index + " was read before it was committed");
        byte[] expected = entries.get((int) index);
        check(
                Arrays.equals(expected, content),
                "entry "
                        + index
                        + " was read with "
                        + content.length
                        + " bytes that are not the "
                        + expected.length
                        + " appended");
    }

    /** Entries from {@code from} to {@code to} - 1 were left out. */
    void skipped(long from, long to) {
        for (long index = from; index < to; index++) {
            check(isAborted(index), "entry " + index + " was left out");
        }
    }

    /** Entries from {@code from} to {@code to} - 1 that were aborted. */
    long abortedBetween(long from, long to) {
        return aborted.get((int) from, (int) to).cardinality();
    }
}
