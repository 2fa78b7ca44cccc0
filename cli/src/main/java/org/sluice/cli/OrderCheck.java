package org.sluice.cli;

import org.agrona.DirectBuffer;
import org.sluice.appender.EntryHandler;

/** The reading part of {@code demo}: are all orders there, each thread's in its order, unharmed? */
final class OrderCheck implements EntryHandler {
    private final long[] nextSequences;
    private long orders;
    private long faults;

    OrderCheck(int threads) {
        nextSequences = new long[threads];
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        orders++;
        if (!OrderRecord.isIntact(buffer, offset, length)) {
            faults++;
            return;
        }
        int thread = OrderRecord.thread(buffer, offset);
        boolean isKnown = thread >= 0 && thread < nextSequences.length;
        if (!isKnown || OrderRecord.sequence(buffer, offset) != nextSequences[thread]++) {
            faults++;
        }
    }

    long orders() {
        return orders;
    }

    /** Orders that are not what was written, or not where. */
    long faults() {
        return faults;
    }
}
