package org.sluice.cli;

import org.HdrHistogram.Histogram;

/**
 * Measures how long entries of one producer take until they are durable: the producer notes when it
 * began to append some of its entries, and the listener, who hears what is durable, takes the notes
 * up to there.
 *
 * <p><b>Threads.</b> Two: one producer calls {@link #add}, one listener {@link #onDurable}. When
 * there is no room for a note the entry is not measured.
 */
final class DurableSamples {
    private static final int CAPACITY = 1 << 14;
    private static final long NS_MAX = 60_000_000_000L;
    private static final int DIGITS = 3;

    private final long[] indexes = new long[CAPACITY];
    private final long[] startsNs = new long[CAPACITY];
    private final Histogram latencyNs = new Histogram(NS_MAX, DIGITS);

    /** Notes made: written by the producer after the note, read by the listener before it. */
    private volatile long added;

    /** Notes taken: written by the listener after the note, read by the producer before it. */
    private volatile long taken;

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void add(long index, long startNs) {
        long at = added;
        if (at - taken < CAPACITY) {
            indexes[(int) at & (CAPACITY - 1)] = index;
            startsNs[(int) at & (CAPACITY - 1)] = startNs;
            added = at + 1;
        }
    }

    void onDurable(long durableIndex, long nowNs) {
        long end = added;
        long at = taken;
        while (at < end && indexes[(int) at & (CAPACITY - 1)] <= durableIndex) {
            long ns = nowNs - startsNs[(int) at & (CAPACITY - 1)];
            latencyNs.recordValue(Math.clamp(ns, 0, NS_MAX));
            at++;
        }
        taken = at;
    }

    /** What was measured; only when both threads are done. */
    Histogram latencyNs() {
        return latencyNs;
    }
}
