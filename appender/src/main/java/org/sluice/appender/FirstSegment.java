package org.sluice.appender;

import org.agrona.concurrent.SystemEpochNanoClock;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentSettings;
import org.sluice.store.StoreDirectory;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Begins a log whose first entry has another index than 0: an empty segment says so from the start,
 * to later opens and to readers, whether anything is ever appended or not.
 */
final class FirstSegment {
    private FirstSegment() {}

    /**
     * Begins the log, durably.
     *
     * @param empty what {@link Recovery#recover} returned: a log whose next index is 0, which may
     *     have a segment without entries that would say so for ever
     * @return the log as it is then, recovered
     */
    static RecoveredLog begin(
            StoreDirectory directory,
            SegmentSettings settings,
            RecoveredLog empty,
            long firstIndex) {
        for (RecoveredLog.Segment segment : empty.segments()) {
            directory.delete(SegmentDescriptor.fileName(segment.header().number()));
        }
        directory.sync();
        SegmentDescriptor.Header header =
                new SegmentDescriptor.Header(
                        empty.nextNumber(),
                        SegmentDescriptor.ACTIVE,
                        firstIndex,
                        SystemEpochNanoClock.INSTANCE.nanoTime(),
                        settings.segmentBytes(),
                        IndexDescriptor.indexBytes(settings.segmentBytes()),
                        settings.alignBytes(),
                        settings.batchBytesMax(),
                        0,
                        ThreadLocalRandom.current().nextLong());
        SegmentPublisher.publish(directory, header, null);
        return Recovery.recover(directory);
    }
}
