package org.sluice.cli;

import org.agrona.DirectBuffer;
import org.sluice.appender.LogReader;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Prints entries until the log ends, or, following it, until the process is told to end: then the
 * entry being printed is finished first.
 */
final class CatSession implements AutoCloseable {
    private static final int POLL_ENTRIES = 4096;
    private static final long IDLE_NS_MIN = 100_000;
    private static final long IDLE_NS_MAX = 10_000_000;
    private static final long INTERRUPTED_WAIT_SECONDS = 2;

    private final LogReader reader;
    private final EntryPrinter printer;
    private final StandardOutput out;
    private final boolean isFollowing;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Interruption interruption;
    private volatile boolean isInterrupted;
    private long lastIndex = -1;

    CatSession(LogReader reader, EntryPrinter printer, StandardOutput out, boolean isFollowing) {
        this.reader = reader;
        this.printer = printer;
        this.out = out;
        this.isFollowing = isFollowing;
        interruption = new Interruption(this::interrupted);
    }

    void run() {
        boolean isUnended = false;
        try {
            isUnended = isFollowing ? follow() : readAll();
        } finally {
            // Before damage, too: what could be read is whole.
            if (!isUnended) {
                printer.endEntry();
            }
        }
        out.flush();
    }

    /**
     * Nothing may have been printed because {@code index} is the log's end, or because it lies
     * beyond that.
     *
     * @throws AppendException INDEX_NOT_WRITTEN if it lies beyond
     */
    void checkReached(long index) {
        long last = lastIndex < 0 ? reader.lastIndex() : lastIndex;
        if (index > last + 1) {
            throw new AppendException(
                    Code.INDEX_NOT_WRITTEN,
                    "there is no entry " + index + " yet; the next one will be " + (last + 1));
        }
    }

    /** Returns whether the last entry is a line without a line feed. */
    private boolean readAll() {
        while (!isInterrupted) {
            if (reader.poll(this::print, POLL_ENTRIES) == 0) {
                return isMarkedUnended();
            }
        }
        return false;
    }

    private boolean follow() {
        long idleNs = IDLE_NS_MIN;
        while (!isInterrupted) {
            if (reader.poll(this::print, POLL_ENTRIES) > 0) {
                idleNs = IDLE_NS_MIN;
                continue;
            }
            printer.endEntry();
            out.flush();
            LockSupport.parkNanos(idleNs);
            idleNs = Math.min(idleNs * 2, IDLE_NS_MAX);
        }
        return false;
    }

    private void print(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        printer.onEntry(buffer, offset, length, index, timestampNs);
        lastIndex = index;
    }

    /** {@code append} marks such a line by one aborted entry behind it, the last of the log. */
    private boolean isMarkedUnended() {
        return lastIndex >= 0 && reader.nextIndex() == lastIndex + 2;
    }

    private void interrupted() {
        isInterrupted = true;
        try {
            // Whoever does not read what is printed does not keep the process from ending.
            if (!ended.await(INTERRUPTED_WAIT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        interruption.close();
    }
}
