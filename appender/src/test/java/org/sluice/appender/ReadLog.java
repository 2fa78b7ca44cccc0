package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a recovered log batch by batch, trusting only what recovery said of it. */
final class ReadLog {
    private ReadLog() {}

    static List<String> of(StoreDirectory directory, RecoveredLog log) {
        List<String> lines = new ArrayList<>();
        BatchReader batches = new BatchReader(4096);
        for (RecoveredLog.Segment segment : log.segments()) {
            String name = SegmentDescriptor.fileName(segment.header().number());
            try (StoreFile file = directory.openForReading(name)) {
                batches.open(file, segment.header());
                long position = SegmentDescriptor.HEADER_BYTES;
                while (position < segment.endPosition()) {
                    assertTrue(batches.read(position), name + " at " + position);
                    addAll(batches, lines);
                    position = batches.endPosition();
                }
            }
        }
        return lines;
    }

    private static void addAll(BatchReader batches, List<String> lines) {
        while (batches.nextEntry()) {
            byte[] payload = new byte[batches.entryLength()];
            batches.buffer().getBytes(batches.entryOffset(), payload);
            lines.add(line(batches.entryIndex(), batches.entryAborted() ? null : payload));
        }
    }

    static String line(long index, byte[] payload) {
        return payload == null
                ? index + " aborted"
                : index + "=" + new String(payload, StandardCharsets.US_ASCII);
    }
}
