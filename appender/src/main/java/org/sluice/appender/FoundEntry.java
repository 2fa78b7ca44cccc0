package org.sluice.appender;

import org.agrona.DirectBuffer;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;

/** Where an entry stands in memory, until whoever found it is asked for another. */
final class FoundEntry {
    private DirectBuffer buffer;
    private int offset;
    private int length;
    private boolean isAborted;
    private long timestampNs;

    /** The current entry of {@code batches}. */
    FoundEntry of(BatchReader batches) {
        buffer = batches.buffer();
        offset = batches.entryOffset();
        length = batches.entryLength();
        isAborted = batches.entryAborted();
        timestampNs = batches.timestampNs();
        return this;
    }

    /** The entry whose payload begins at {@code at}, and whose stored length is {@code stored}. */
    FoundEntry at(DirectBuffer in, int at, int stored, long batchTimestampNs) {
        buffer = in;
        offset = at;
        length = stored & ~BatchDescriptor.ABORTED;
        isAborted = stored < 0;
        timestampNs = batchTimestampNs;
        return this;
    }

    boolean isAborted() {
        return isAborted;
    }

    /** Hands the entry over as number {@code index}. */
    void handTo(EntryHandler handler, long index) {
        handler.onEntry(buffer, offset, length, index, timestampNs);
    }
}
