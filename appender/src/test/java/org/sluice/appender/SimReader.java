package org.sluice.appender;

import org.agrona.DirectBuffer;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** A reader whose every entry is compared with the model. */
final class SimReader implements AutoCloseable {
    private final LogReader reader;
    private final SimModel model;
    private final LongSupplier limitIndex;
    private final LongSupplier writtenIndex;
    private final BooleanSupplier mayFail;
    private long expectedIndex;
    private boolean hasBegun;

    /**
     * @param firstIndex what it begins with at the latest, -1 if that is open
     * @param limitIndex the last entry it may be given now
     * @param writtenIndex the last entry it can be given now
     * @param mayFail whether a read may have failed
     */
    SimReader(
            LogReader reader,
            SimModel model,
            long firstIndex,
            LongSupplier limitIndex,
            LongSupplier writtenIndex,
            BooleanSupplier mayFail) {
        this.reader = reader;
        this.model = model;
        this.expectedIndex = firstIndex;
        this.limitIndex = limitIndex;
        this.writtenIndex = writtenIndex;
        this.mayFail = mayFail;
    }

    /** The next index that was neither given nor skipped. */
    long expectedIndex() {
        return expectedIndex;
    }

    /** Returns the entries given; 0 also if the reader could not read. */
    int poll(int limit) {
        try {
            return reader.poll(this::onEntry, limit);
        } catch (AppendException thrown) {
            failed(thrown);
            return 0;
        }
    }

    void seek(long index) {
        try {
            reader.seek(index);
            expectedIndex = index;
            hasBegun = true;
        } catch (AppendException thrown) {
            if (thrown.code() != Code.INDEX_TRUNCATED) {
                failed(thrown);
            }
        }
    }

    /** Reads one entry, wherever polling is. */
    void read(long index) {
        try {
            reader.read(
                    index,
                    (buffer, offset, length, found, timestampNs) -> {
                        SimModel.check(found == index, "read " + found + " instead of " + index);
                        compare(buffer, offset, length, found);
                    });
        } catch (AppendException thrown) {
            switch (thrown.code()) {
                case ENTRY_ABORTED ->
                        SimModel.check(
                                model.isAborted(index), "entry " + index + " was not aborted");
                case INDEX_NOT_WRITTEN ->
                        SimModel.check(
                                index > writtenIndex.getAsLong(), "entry " + index + " is written");
                default -> failed(thrown);
            }
        }
    }

    private void failed(AppendException thrown) {
        if (thrown.code() == Code.INDEX_TRUNCATED) {
            expectedIndex = -1;
            hasBegun = false;
        } else if (SimModel.isDamage(thrown) || !mayFail.getAsBoolean()) {
            throw new SimModel.Violation("a reader failed: " + thrown.getMessage(), thrown);
        }
    }

    private void onEntry(
            DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        SimModel.check(
                index <= limitIndex.getAsLong(),
                "entry " + index + " was read, but only up to " + limitIndex.getAsLong());
        if (expectedIndex >= 0 && (hasBegun || index > expectedIndex)) {
            SimModel.check(
                    index >= expectedIndex, "entry " + index + " follows " + (expectedIndex - 1));
            model.skipped(expectedIndex, index);
        }
        compare(buffer, offset, length, index);
        expectedIndex = index + 1;
        hasBegun = true;
    }

    private void compare(DirectBuffer buffer, int offset, int length, long index) {
        byte[] content = new byte[length];
        buffer.getBytes(offset, content);
        model.read(index, content);
    }

    @Override
    public void close() {
        reader.close();
    }
}
