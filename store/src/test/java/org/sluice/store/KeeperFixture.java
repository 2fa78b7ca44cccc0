package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.collections.MutableInteger;
import org.agrona.collections.MutableLong;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What the tests of a {@link SegmentKeeper} share: clocks set by hand, and the writer's part. */
abstract class KeeperFixture {
    static final long SEGMENT_BYTES = SegmentDescriptor.SEGMENT_BYTES_MIN;
    static final long LOG_ID = 77;
    static final int ENTRIES = 10;
    static final String NAME_1 = SegmentDescriptor.fileName(1);

    final MutableLong epochNs = new MutableLong(1_000_000);
    final MutableLong nanoTime = new MutableLong(Long.MAX_VALUE - 10);
    final MutableInteger wakes = new MutableInteger();
    final List<Header> actives = new ArrayList<>();

    static SegmentSettings settings(long retentionBytes, long retentionAgeNs) {
        return settings(1, retentionBytes, retentionAgeNs);
    }

    static SegmentSettings settings(int preparedCount, long retentionBytes, long retentionAgeNs) {
        return new SegmentSettings(
                SEGMENT_BYTES,
                512,
                8192,
                Preallocation.ZERO,
                preparedCount,
                retentionBytes,
                retentionAgeNs);
    }

    SegmentKeeper keeper(StoreDirectory directory, SegmentSettings settings) {
        return keeper(directory, settings, List.of(), 1);
    }

    SegmentKeeper keeper(
            StoreDirectory directory,
            SegmentSettings settings,
            List<SealedSegment> sealed,
            long nextNumber) {
        return new SegmentKeeper(
                directory,
                settings,
                LOG_ID,
                sealed,
                0,
                nextNumber,
                epochNs::get,
                nanoTime::get,
                wakes::increment);
    }

    static void doAllWork(SegmentKeeper keeper) {
        int turns = 0;
        while (keeper.doWork() > 0) {
            assertTrue(++turns < 100, "never done");
        }
    }

    /** Does what the writer does at a roll: the segment before is sealed, a new one active. */
    void roll(SegmentKeeper keeper, StoreDirectory directory) {
        activate(keeper, directory);
        if (actives.size() > 1) {
            seal(keeper, actives.get(actives.size() - 2));
        }
        doAllWork(keeper);
    }

    void rollTimes(int count, SegmentKeeper keeper, StoreDirectory directory) {
        for (int i = 0; i < count; i++) {
            roll(keeper, directory);
        }
    }

    Header activate(SegmentKeeper keeper, StoreDirectory directory) {
        doAllWork(keeper);
        Header header =
                keeper.takePrepared().header().activated((long) actives.size() * ENTRIES, 0);
        actives.add(header);
        writeActive(directory, header);
        return header;
    }

    /** The header and, for all the batches, the number of the segment that the bytes belong to. */
    static void writeActive(StoreDirectory directory, Header header) {
        String name = SegmentDescriptor.fileName(header.number());
        try (StoreFile file = directory.openForWriting(name)) {
            SegmentFile.writeHeader(file, header);
            file.write(
                    ByteBuffer.allocate(Long.BYTES).putLong(0, header.number()),
                    SegmentDescriptor.HEADER_BYTES);
            file.sync();
        }
    }

    void seal(SegmentKeeper keeper, Header header) {
        SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
        points.add(header.baseIndex(), epochNs.get(), SegmentDescriptor.HEADER_BYTES);
        keeper.seal(header, header.baseIndex() + ENTRIES, 8192, points);
    }

    /** The number that {@link #writeActive} left. */
    static long markerOf(StoreFile file) {
        ByteBuffer marker = ByteBuffer.allocate(Long.BYTES);
        file.read(marker, SegmentDescriptor.HEADER_BYTES);
        return marker.getLong(0);
    }

    /** Exactly {@code headers} are active segments, each with its own content. */
    static void assertSegments(StoreDirectory directory, List<Header> headers) {
        List<Header> found = new ArrayList<>();
        for (String name : directory.list()) {
            if (SegmentDescriptor.numberOf(name) > 0) {
                try (StoreFile file = directory.openForReading(name)) {
                    Header header = SegmentFile.readHeader(directory, name, file);
                    if (header.state() == SegmentDescriptor.ACTIVE) {
                        assertEquals(header.number(), markerOf(file));
                        found.add(header);
                    }
                }
            }
        }
        assertEquals(headers, found);
    }
}
