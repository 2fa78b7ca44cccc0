package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchChecksum;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;

/**
 * Adds a segment to a log that nobody writes to, in one step: made durable under a spare name, it
 * then gets its own. Before that step the log is what it was, after it the segment is its tail.
 */
final class SegmentPublisher {
    private SegmentPublisher() {}

    /**
     * Adds the segment, durably. Its file ends where the batch does.
     *
     * @param header ACTIVE, of a number never used
     * @param batch its first batch, padded, without its checksum; or null
     */
    static void publish(
            StoreDirectory directory, SegmentDescriptor.Header header, UnsafeBuffer batch) {
        String spare = LogDirectoryLayout.spareName(header.number());
        try (StoreFile file = directory.create(spare)) {
            SegmentFile.writeHeader(file, header);
            if (batch != null) {
                write(file, header, batch);
            }
            file.sync();
        }
        directory.rename(spare, SegmentDescriptor.fileName(header.number()));
        directory.sync();
    }

    private static void write(StoreFile file, SegmentDescriptor.Header header, UnsafeBuffer batch) {
        int length = BatchDescriptor.length(batch, 0);
        ByteBuffer bytes = batch.byteBuffer();
        long position = SegmentDescriptor.HEADER_BYTES;
        new BatchChecksum()
                .seal(batch, bytes, 0, length, header.logId(), header.number(), position);
        file.write(bytes.clear(), position);
    }
}
