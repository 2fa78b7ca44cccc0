package org.sluice.appender;

import org.sluice.store.SegmentKeeper;
import org.sluice.store.UninterruptibleThread;

import java.util.concurrent.locks.LockSupport;

/** The thread that drives a {@link SegmentKeeper}. */
final class KeeperThread {
    /** How often retention by age, and a full disk, are looked at. */
    private static final long PARK_NS = 50_000_000;

    private final SegmentKeeper keeper;
    private final UninterruptibleThread thread;
    private volatile boolean isStopped;

    KeeperThread(SegmentKeeper keeper) {
        this.keeper = keeper;
        this.thread = new UninterruptibleThread(this::run, "sluice-segments");
    }

    void start() {
        thread.start();
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Ends the thread after the turn it is in. */
    void stop() {
        isStopped = true;
        wake();
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!isStopped) {
            if (keeper.doWork() == 0) {
                LockSupport.parkNanos(this, PARK_NS);
            }
        }
    }
}
