package org.sluice.appender;

import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.AlignedBlock;
import org.sluice.store.BatchChecksum;
import org.sluice.store.BatchDescriptor;

/** Makes a batch of a gathered block: header, padding, checksum. Writer thread only. */
final class BatchSealer {
    private final BatchChecksum checksum = new BatchChecksum();
    private final EpochNanoClock epochClock;
    private long lastTimestampNs;

    /**
     * @param lastTimestampNs time of the log's last batch so far
     */
    BatchSealer(EpochNanoClock epochClock, long lastTimestampNs) {
        this.epochClock = epochClock;
        this.lastTimestampNs = lastTimestampNs;
    }

    /**
     * Seals the batch of {@code length} bytes in {@code block}, to be written where {@code segment}
     * stands.
     *
     * @return the batch's time, which never runs backwards in a log, whatever the wall clock does
     */
    long seal(
            AlignedBlock block,
            ActiveSegment segment,
            int length,
            int paddedLength,
            int entryCount,
            long firstIndex,
            long durableIndex,
            int flags) {
        lastTimestampNs = Math.max(lastTimestampNs, epochClock.nanoTime());
        UnsafeBuffer buffer = block.buffer();
        buffer.setMemory(length, paddedLength - length, (byte) 0);
        BatchDescriptor.encodeHeader(
                buffer,
                0,
                length,
                paddedLength,
                entryCount,
                firstIndex,
                lastTimestampNs,
                durableIndex,
                flags);
        checksum.seal(
                buffer,
                block.byteBuffer(),
                0,
                length,
                segment.header.logId(),
                segment.header.number(),
                segment.position);
        return lastTimestampNs;
    }
}
