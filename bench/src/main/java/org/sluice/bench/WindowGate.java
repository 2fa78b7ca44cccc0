package org.sluice.bench;

import org.sluice.bench.peer.Appender;

import java.util.concurrent.locks.LockSupport;

/**
 * Lets a producer go on while fewer than a window of its entries are not durable. Its tickets are
 * kept, for other producers' entries lie between them.
 */
final class WindowGate {
    private static final int SPINS = 100;

    private final Appender appender;
    private final long[] tickets;
    private long appended;
    private long acknowledged;

    WindowGate(Appender appender, int window) {
        this.appender = appender;
        tickets = new long[window];
    }

    /** Waits for room. */
    void pass() {
        int spins = 0;
        while (appended - acknowledged == tickets.length) {
            long durable = appender.durable();
            while (acknowledged < appended
                    && tickets[(int) (acknowledged % tickets.length)] <= durable) {
                acknowledged++;
            }
            if (appended - acknowledged < tickets.length) {
                return;
            }
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(10_000);
            }
        }
    }

    /** One more is on its way. */
    void add(long ticket) {
        tickets[(int) (appended++ % tickets.length)] = ticket;
    }
}
