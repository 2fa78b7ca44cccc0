package org.sluice.bench.peer;

import java.io.IOException;

/**
 * Group commit as one writes it by hand: of all who wait, one forces for everybody whose entry is
 * there by then, and tells them together. Any thread.
 */
final class SharedForce {
    /** Makes what was appended so far durable; returns the ticket of the last. */
    interface Force {
        long run() throws IOException;
    }

    private final Object lock = new Object();
    private long forced;
    private boolean isForcing;

    /** Returns once {@code ticket}, or all that was appended, is durable. */
    void await(long ticket, Force force) throws IOException {
        synchronized (lock) {
            try {
                while (isForcing && forced < ticket) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
            if (forced >= ticket) {
                return;
            }
            isForcing = true;
        }
        long reached = 0;
        try {
            reached = force.run();
        } finally {
            synchronized (lock) {
                isForcing = false;
                forced = Math.max(forced, reached);
                lock.notifyAll();
            }
        }
    }
}
