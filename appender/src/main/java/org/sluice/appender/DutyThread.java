package org.sluice.appender;

import org.sluice.store.UninterruptibleThread;

import java.util.concurrent.locks.LockSupport;

/**
 * What carries a {@link Duty}: a thread of its own, or a simulation that decides which duty has the
 * next turn.
 */
interface DutyThread {
    /** Makes what carries the duties of a log. */
    interface Maker {
        DutyThread make(Duty duty, String name);
    }

    /** Each duty has a thread, which nobody interrupts. */
    Maker THREADS = Own::new;

    void start();

    /** Ends a {@link #park}. */
    void wake();

    /** The duty has nothing to do for now; called in its turn. */
    void park(long timeoutNs);

    /** Whether it is the duty that calls. */
    boolean isCurrent();

    /**
     * Waits for the duty to end.
     *
     * @return false if it has not after {@code timeoutNs}
     */
    boolean join(long timeoutNs);

    /** The threads of {@link #THREADS}. */
    final class Own implements DutyThread {
        private final Duty duty;
        private final UninterruptibleThread thread;

        private Own(Duty duty, String name) {
            this.duty = duty;
            this.thread = new UninterruptibleThread(this::run, name);
        }

        private void run() {
            try {
                duty.begin();
                while (duty.turn()) {
                    // The turn did the work, and the waiting.
                }
            } finally {
                duty.end();
            }
        }

        @Override
        public void start() {
            thread.start();
        }

        @Override
        public void wake() {
            LockSupport.unpark(thread);
        }

        @Override
        public void park(long timeoutNs) {
            LockSupport.parkNanos(this, timeoutNs);
        }

        @Override
        public boolean isCurrent() {
            return Thread.currentThread() == thread;
        }

        @Override
        public boolean join(long timeoutNs) {
            long startNs = System.nanoTime();
            boolean isInterrupted = false;
            long leftNs = timeoutNs;
            while (thread.isAlive() && leftNs > 0) {
                try {
                    thread.join(Math.max(1, leftNs / 1_000_000));
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
                leftNs = timeoutNs - (System.nanoTime() - startNs);
            }
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
            return !thread.isAlive();
        }
    }
}
