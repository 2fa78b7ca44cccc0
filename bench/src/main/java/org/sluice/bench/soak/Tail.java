package org.sluice.bench.soak;

import org.sluice.appender.AppendLog;
import org.sluice.appender.LogReader;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.util.concurrent.locks.LockSupport;

/** Follows the log from its first entry, and checks every one. */
final class Tail implements Load.Actor {
    private static final int LIMIT = 1_000;
    private static final long PAUSE_NS = 200_000;

    private final AppendLog log;
    private final SoakCounts counts;
    private final LogReader reader;

    /** What lies before it was there when the log was opened. */
    private final long openedIndex;

    private OrderCheck check;

    /** Written by the tailing thread, read by those who append. */
    private volatile long index;

    Tail(AppendLog log, SoakCounts counts) {
        this.log = log;
        this.counts = counts;
        this.openedIndex = log.nextIndex();
        this.reader = log.openReader();
        begin();
    }

    private void begin() {
        index = log.firstIndex();
        check = new OrderCheck(index);
    }

    long index() {
        return index;
    }

    @Override
    public void turn() {
        OrderCheck current = check;
        long before = current.checked();
        try {
            if (before == 0) {
                reader.seek(index);
            }
            reader.poll(current, LIMIT);
            index = reader.nextIndex();
        } catch (AppendException gone) {
            restart(gone);
            return;
        } finally {
            counts.tailed.add(current.checked() - before);
        }
        if (current.checked() == before) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** A log just opened may give up some of what it found; of what came since it may not. */
    private void restart(AppendException gone) {
        if (gone.code() != Code.INDEX_TRUNCATED || index >= openedIndex) {
            throw gone;
        }
        LockSupport.parkNanos(PAUSE_NS);
        begin();
    }

    /** Whether it has come to the end of a log that nobody appends to any longer. */
    boolean isDone() {
        boolean isDone = index == log.nextIndex();
        if (isDone) {
            check.checkGap(index);
        }
        return isDone;
    }

    @Override
    public void close() {
        reader.close();
    }
}
