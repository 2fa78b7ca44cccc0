package org.sluice.bench.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps nothing: each producer has a parked thread that it wakes, and that wakes it in return. What
 * it shows is what parking and waking cost on this machine, whoever does it.
 */
final class WakingPeer implements Peer {
    static final String TOPOLOGY =
            "producer ─► unpark ─► a parked thread ─► unpark ─► the producer, parked; nothing written";

    private final List<Woken> threads = new ArrayList<>();

    @Override
    public synchronized Appender appender(int producer) {
        Woken woken = new Woken();
        threads.add(woken);
        return woken;
    }

    @Override
    public void sync() {}

    @Override
    public synchronized void close() {
        threads.forEach(Woken::end);
    }

    @Override
    public Replayer replayer() {
        throw new UnsupportedOperationException("keeps nothing");
    }

    @Override
    public long diskBytes() {
        return 0;
    }

    /** One producer and its thread, which has answered everything up to a ticket. */
    private static final class Woken implements Appender {
        private static final long END = Long.MAX_VALUE;

        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::answer);
        private volatile Thread producer;
        private volatile long asked = -1;
        private volatile long answered = -1;
        private volatile long wokenNs = UNKNOWN;

        Woken() {
            thread.start();
        }

        private void answer() {
            while (answered != END) {
                long ticket = asked;
                if (ticket == answered) {
                    LockSupport.park(this);
                } else {
                    wokenNs = System.nanoTime();
                    answered = ticket;
                    LockSupport.unpark(producer);
                }
            }
        }

        void end() {
            ask(END);
        }

        private void ask(long ticket) {
            asked = ticket;
            LockSupport.unpark(thread);
        }

        @Override
        public long append(EntryPattern entry) {
            producer = Thread.currentThread();
            ask(entry.id());
            return entry.id();
        }

        @Override
        public void awaitDurable(long ticket) {
            while (answered < ticket) {
                LockSupport.park(this);
            }
        }

        @Override
        public long wokenNs() {
            return wokenNs;
        }
    }
}
