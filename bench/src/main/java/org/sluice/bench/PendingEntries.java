package org.sluice.bench;

import org.HdrHistogram.Histogram;

/**
 * Entries of one producer that wait for a position to reach them, with the time from which their
 * latency counts. Belongs to that producer's thread.
 *
 * <p>When a disk that stood still goes on, thousands are reached at once. To record them in one go
 * would take longer than the producer has until its next entry, and show as latency of its appends;
 * so they are recorded a few at a time, as of when they were reached.
 */
final class PendingEntries {
    /** More than can be appended between two calls, so that a backlog shrinks. */
    static final int STEP = 8;

    private final long[] tickets;
    private final long[] sinceNs;
    private final int mask;
    private final Histogram histogram;
    private long head;
    private long tail;
    private long reached = Long.MIN_VALUE;
    private long reachedNs;

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

    /**
     * Everything up to {@code position} is reached, as seen at {@code nowNs}. Records some of what
     * is; while it is {@linkplain #isBehind behind}, what was reached before.
     */
    void reach(long position, long nowNs) {
        if (!isBehind()) {
            reached = position;
            reachedNs = nowNs;
        }
        for (int i = 0; i < STEP && isBehind(); i++) {
            Latencies.record(histogram, reachedNs - sinceNs[(int) head & mask]);
            head++;
        }
    }

    /** Whether entries that were reached are not recorded yet. */
    boolean isBehind() {
        return head < tail && tickets[(int) head & mask] <= reached;
    }

    boolean isEmpty() {
        return head == tail;
    }
}
