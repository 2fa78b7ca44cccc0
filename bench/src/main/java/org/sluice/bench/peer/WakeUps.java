package org.sluice.bench.peer;

import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SystemEpochNanoClock;

/**
 * Hears from a log's writer thread when it woke up for an entry and when it had that entry in a
 * batch: it leaves its idle strategy when it wakes, and reads the wall clock when it seals. Stands
 * in for both, and does what they do.
 */
final class WakeUps implements IdleStrategy, EpochNanoClock {
    private final IdleStrategy idle;

    /** The one that idles; others, such as the keeper's, read the clock too. */
    private volatile Thread writer;

    /** Writer thread only. */
    private long awakeNs;

    private volatile long wokenNs = Appender.UNKNOWN;
    private volatile long takenUpNs = Appender.UNKNOWN;

    WakeUps(IdleStrategy idle) {
        this.idle = idle;
    }

    @Override
    public void idle(int workCount) {
        idle.idle(workCount);
        if (workCount == 0) {
            onAwake();
        }
    }

    @Override
    public void idle() {
        idle.idle();
        onAwake();
    }

    private void onAwake() {
        awakeNs = System.nanoTime();
        if (writer == null) {
            writer = Thread.currentThread();
        }
    }

    @Override
    public void reset() {
        idle.reset();
    }

    @Override
    public long nanoTime() {
        if (Thread.currentThread() == writer) {
            wokenNs = awakeNs;
            takenUpNs = System.nanoTime();
        }
        return SystemEpochNanoClock.INSTANCE.nanoTime();
    }

    /** When the writer last left idling before it took up the last entry. */
    long wokenNs() {
        return wokenNs;
    }

    /** When it took up the last entry. */
    long takenUpNs() {
        return takenUpNs;
    }
}
