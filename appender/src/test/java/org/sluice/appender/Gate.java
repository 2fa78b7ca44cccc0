package org.sluice.appender;

import java.util.concurrent.locks.LockSupport;

/** Lets the writer thread pass, or not. */
final class Gate {
    private static final long LOOK_AGAIN_NS = 50_000;

    private volatile boolean isOpen = true;

    void close() {
        isOpen = false;
    }

    void open() {
        isOpen = true;
    }

    /** Waits at a closed gate for at most {@code timeoutNs}; returns whether it is open. */
    boolean await(long timeoutNs) {
        long deadlineNs = System.nanoTime() + timeoutNs;
        while (!isOpen && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
        return isOpen;
    }
}
