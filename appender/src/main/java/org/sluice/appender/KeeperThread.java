package org.sluice.appender;

import org.sluice.store.SegmentKeeper;

/** The thread that drives a {@link SegmentKeeper}. */
final class KeeperThread implements Duty {
    /** How often retention by age, and a full disk, are looked at. */
    private static final long PARK_NS = 50_000_000;

    private final SegmentKeeper keeper;
    private final DutyThread thread;
    private volatile boolean isStopped;

    KeeperThread(SegmentKeeper keeper, DutyThread.Maker threads) {
        this.keeper = keeper;
        this.thread = threads.make(this, "sluice-segments");
    }

    void start() {
        thread.start();
    }

    void wake() {
        thread.wake();
    }

    /** Ends the thread after the turn it is in. */
    void stop() {
        isStopped = true;
        wake();
        thread.join(Long.MAX_VALUE);
    }

    @Override
    public void begin() {
        keeper.onOpened();
    }

    @Override
    public boolean turn() {
        if (isStopped) {
            return false;
        }
        if (keeper.doWork() == 0) {
            thread.park(PARK_NS);
        }
        return true;
    }

    @Override
    public void end() {}
}
