package org.sluice.bench;

import org.HdrHistogram.Histogram;

/**
 * Entries of one producer that wait for a position to reach them, with the time from which their
 * latency counts. Belongs to that producer's thread.
 */
final class PendingEntries {
    private final long[] tickets;
    private final long[] sinceNs;
    private final int mask;
    private final Histogram histogram;
    private long head;
    private long tail;

    PendingEntries(int capacity, Histogram histogram) {
        int size = Integer.highestOneBit(Math.max(2, capacity) - 1) << 1;
        tickets = new long[size];
        sinceNs = new long[size];
        mask = size - 1;
        this.histogram = histogram;
    }

    void add(long ticket, long fromNs) {
        if (tail - head > mask) {
            throw new IllegalStateException(
                    "more than " + tickets.length + " entries wait to be acknowledged");
        }
        int slot = (int) tail & mask;
        tickets[slot] = ticket;
        sinceNs[slot] = fromNs;
        tail++;
    }

    /** Everything up to {@code position} is reached, as seen at {@code nowNs}. */
    void reach(long position, long nowNs) {
        while (head < tail && tickets[(int) head & mask] <= position) {
            Latencies.record(histogram, nowNs - sinceNs[(int) head & mask]);
            head++;
        }
    }

    boolean isEmpty() {
        return head == tail;
    }
}
