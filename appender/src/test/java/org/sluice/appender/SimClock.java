package org.sluice.appender;

import java.util.Random;

/** Time in a simulation: it passes in jumps, and the wall clock may be set back. */
final class SimClock {
    private static final long MICROSECOND_NS = 1_000;
    private static final long MILLISECOND_NS = 1_000_000;

    private final Random random;
    private long nowNs = 1_000_000_000;
    private long epochOffsetNs = 1_700_000_000_000_000_000L;

    SimClock(Random random) {
        this.random = random;
    }

    long nanoTime() {
        return nowNs;
    }

    long epochNanoTime() {
        return nowNs + epochOffsetNs;
    }

    /** A little, as between two turns. */
    void tick() {
        int kind = random.nextInt(32);
        if (kind == 0) {
            nowNs += random.nextLong(30 * MILLISECOND_NS);
        } else {
            nowNs += random.nextLong(40 * MICROSECOND_NS);
        }
    }

    /** Long enough for anything that waits for time to pass. */
    void leap() {
        nowNs += 1_000 * MILLISECOND_NS;
    }

    /** Somebody sets the wall clock. */
    void setWallClock() {
        epochOffsetNs += random.nextLong(-60_000 * MILLISECOND_NS, 60_000 * MILLISECOND_NS);
    }
}
