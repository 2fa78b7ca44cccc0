package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class SparseIndexTest {
    private static final int FIRST = SegmentDescriptor.HEADER_BYTES;
    private static final long SEGMENT_BYTES = 1 << 20;
    private static final long BASE_INDEX = 100;
    private static final long NEXT_INDEX = 400;
    private static final int END_POSITION = 512 * 1024;
    private static final Header HEADER =
            SegmentBuilder.header(5, 3, BASE_INDEX, SEGMENT_BYTES, 512, 0);

    /** One batch, as a model to search through. */
    private record Batch(long index, long timeNs, long position) {}

    private final MemoryDirectory directory = new MemoryDirectory();
    private final StoreFile file = directory.create("segment");

    @Test
    void indexShouldComeBackAsItWas() {
        SegmentFile.writeIndex(file, HEADER, points(), NEXT_INDEX, END_POSITION);

        SparseIndex index = SparseIndex.read(file, HEADER);

        assertEquals(NEXT_INDEX, index.nextIndex());
        assertEquals(END_POSITION, index.endPosition());
        assertEquals(3000, index.lastTimeNs());
        assertEquals(SEGMENT_BYTES, file.size());
    }

    /** Three points, and a last batch that is too near to become one. */
    private static SparseIndexBuilder points() {
        SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
        points.add(100, 1000, FIRST);
        points.add(150, 1500, FIRST + 512);
        points.add(200, 2000, 100 * 1024);
        points.add(300, 2000, 200 * 1024);
        points.add(399, 3000, 200 * 1024 + 512);
        return points;
    }

    @Test
    void emptySegmentShouldHaveAnIndexToo() {
        SparseIndexBuilder none = new SparseIndexBuilder(SEGMENT_BYTES);
        SegmentFile.writeIndex(file, HEADER, none, BASE_INDEX, FIRST);

        SparseIndex index = SparseIndex.read(file, HEADER);

        assertEquals(BASE_INDEX, index.nextIndex());
        assertEquals(FIRST, index.positionBefore(BASE_INDEX));
        assertEquals(FIRST, index.positionBeforeTime(Long.MAX_VALUE));
    }

    @Test
    void searchShouldFindThePointsAround() {
        SegmentFile.writeIndex(file, HEADER, points(), NEXT_INDEX, END_POSITION);
        SparseIndex index = SparseIndex.read(file, HEADER);

        assertEquals(FIRST, index.positionBefore(100));
        assertEquals(FIRST, index.positionBefore(199));
        assertEquals(100 * 1024, index.positionBefore(200));
        assertEquals(200 * 1024, index.positionBefore(399));
        assertEquals(200 * 1024, index.positionBefore(Long.MAX_VALUE));
        assertEquals(FIRST, index.positionBefore(-1));
        assertEquals(FIRST, index.positionBefore(Long.MIN_VALUE));
        assertEquals(100 * 1024, index.positionAfter(199));
        assertEquals(200 * 1024, index.positionAfter(200));
        assertEquals(END_POSITION, index.positionAfter(399));
        assertEquals(END_POSITION, index.positionAfter(Long.MAX_VALUE));

        assertEquals(FIRST, index.positionBeforeTime(Long.MIN_VALUE));
        assertEquals(FIRST, index.positionBeforeTime(1000));
        assertEquals(FIRST, index.positionBeforeTime(2000), "a batch of that time may come before");
        assertEquals(200 * 1024, index.positionBeforeTime(2001));
        assertEquals(200 * 1024, index.positionBeforeTime(Long.MAX_VALUE));
    }

    @Test
    void searchShouldNeverSkipWhatItLooksFor() {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("sparse index: -Dsluice.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            List<Batch> batches = new ArrayList<>();
            SparseIndex index = randomIndex(random, batches);
            for (Batch batch : batches) {
                long byIndex = index.positionBefore(batch.index());
                long byTime = index.positionBeforeTime(batch.timeNs());
                assertTrue(byIndex <= batch.position(), "seed " + seed);
                assertTrue(batch.position() - byIndex < 3 * 64 * 1024, "seed " + seed);
                long firstOfTime =
                        batches.stream()
                                .filter(other -> other.timeNs() >= batch.timeNs())
                                .mapToLong(Batch::position)
                                .min()
                                .orElseThrow();
                assertTrue(byTime <= firstOfTime, "seed " + seed);
            }
        }
    }

    private SparseIndex randomIndex(Random random, List<Batch> batches) {
        SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
        long index = BASE_INDEX;
        long timeNs = random.nextInt(100);
        long position = FIRST;
        while (position < HEADER.indexPosition() - 64 * 1024) {
            batches.add(new Batch(index, timeNs, position));
            points.add(index, timeNs, position);
            index += 1 + random.nextInt(50);
            timeNs += random.nextInt(3);
            position += 512L * (1 + random.nextInt(100));
        }
        SegmentFile.writeIndex(file, HEADER, points, index, position);
        return SparseIndex.read(file, HEADER);
    }

    @Test
    void pointsShouldStayWithinTheirRoomInTheLargestSegment() {
        long largest = SegmentDescriptor.SEGMENT_BYTES_MAX;
        SparseIndexBuilder points = new SparseIndexBuilder(largest);

        for (long position = FIRST; position < largest; position += 16L << 20) {
            points.add(position, 0, position);
        }

        assertTrue(points.count() <= IndexDescriptor.POINTS_MAX);
        assertTrue(points.count() > IndexDescriptor.POINTS_MAX / 2, points.count() + " points");
        int bytes = IndexDescriptor.HEADER_BYTES + points.count() * IndexDescriptor.POINT_BYTES;
        assertTrue(bytes <= IndexDescriptor.indexBytes(largest));
    }

    @Test
    void growingBuilderShouldCollectTheSamePoints() {
        long largest = SegmentDescriptor.SEGMENT_BYTES_MAX;
        Header header = SegmentBuilder.header(5, 3, 0, largest, 512, 0);
        SparseIndexBuilder points = new SparseIndexBuilder(largest);
        SparseIndexBuilder growing = SparseIndexBuilder.growing(largest);

        for (long position = FIRST; position < largest; position += 1L << 30) {
            points.add(position, 0, position);
            growing.add(position, 0, position);
            assertEquals(points.encode(header, 0, 0), growing.encode(header, 0, 0));
        }
        assertEquals(points.encode(header, 0, 0), growing.grown().encode(header, 0, 0));
    }

    @Test
    void smallestSegmentShouldHaveRoomForItsPoints() {
        long smallest = SegmentDescriptor.SEGMENT_BYTES_MIN;
        Header header = SegmentBuilder.header(5, 3, 0);
        SparseIndexBuilder points = new SparseIndexBuilder(smallest);
        for (long position = FIRST; position < header.indexPosition(); position += 512) {
            points.add(position, 0, position);
        }

        SegmentFile.writeIndex(file, header, points, 1 << 20, header.indexPosition());

        assertNotNull(SparseIndex.read(file, header));
    }

    @Test
    void everyFlippedBitShouldBeNoticed() {
        SegmentFile.writeIndex(file, HEADER, points(), NEXT_INDEX, END_POSITION);
        int used = IndexDescriptor.HEADER_BYTES + 3 * IndexDescriptor.POINT_BYTES;

        for (int bit = 0; bit < used * 8; bit++) {
            flip(bit);
            assertNull(SparseIndex.read(file, HEADER), "bit " + bit);
            flip(bit);
        }
        assertNotNull(SparseIndex.read(file, HEADER));
    }

    private void flip(int bit) {
        ByteBuffer one = ByteBuffer.allocate(1);
        long position = HEADER.indexPosition() + bit / 8;
        file.read(one, position);
        one.put(0, (byte) (one.get(0) ^ (1 << (bit % 8)))).flip();
        file.write(one, position);
    }

    @Test
    void absentOrForeignIndexShouldBeNone() {
        assertNull(SparseIndex.read(file, HEADER), "of an empty file");
        file.allocate(SEGMENT_BYTES, Preallocation.SPARSE);
        assertNull(SparseIndex.read(file, HEADER), "of zeros");
        SegmentFile.writeIndex(file, HEADER, points(), NEXT_INDEX, END_POSITION);
        assertNull(read(SegmentBuilder.header(6, 3, BASE_INDEX, SEGMENT_BYTES, 512, 0)));
        assertNull(read(SegmentBuilder.header(5, 4, BASE_INDEX, SEGMENT_BYTES, 512, 0)));
        assertNull(read(SegmentBuilder.header(5, 3, BASE_INDEX + 1, SEGMENT_BYTES, 512, 0)));
        assertNull(read(SegmentBuilder.header(5, 3, BASE_INDEX, 2 * SEGMENT_BYTES, 512, 0)));
        file.truncate(SEGMENT_BYTES - 1);
        assertNull(SparseIndex.read(file, HEADER), "of a file cut short");
    }

    private SparseIndex read(Header header) {
        return SparseIndex.read(file, header);
    }

    @Test
    void headerWithoutRoomForAnIndexShouldGoWithout() {
        Header header = withIndexBytes(0);

        SegmentFile.writeIndex(file, header, points(), NEXT_INDEX, END_POSITION);

        assertEquals(0, file.size());
        assertNull(SparseIndex.read(file, header));
        assertNull(SparseIndex.read(file, withIndexBytes(1 << 19)));
    }

    private static Header withIndexBytes(int indexBytes) {
        return new Header(
                HEADER.number(),
                HEADER.state(),
                HEADER.baseIndex(),
                HEADER.creationTimeNs(),
                HEADER.segmentBytes(),
                indexBytes,
                HEADER.alignBytes(),
                HEADER.batchBytesMax(),
                HEADER.flags(),
                HEADER.logId());
    }

    @Test
    void forgedValuesShouldBeRefused() {
        int point = IndexDescriptor.HEADER_BYTES + IndexDescriptor.POINT_BYTES;
        assertForged(IndexDescriptor.NEXT_INDEX_OFFSET, BASE_INDEX - 1);
        assertForged(IndexDescriptor.NEXT_INDEX_OFFSET, Long.MIN_VALUE);
        assertForged(IndexDescriptor.NEXT_INDEX_OFFSET, 299);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, 0);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, -1);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, 200 * 1024);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, END_POSITION + 1);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, SEGMENT_BYTES);
        assertForged(IndexDescriptor.END_POSITION_OFFSET, Long.MAX_VALUE);
        assertForged(IndexDescriptor.LAST_TIME_OFFSET, 1999);
        assertForged(point + IndexDescriptor.POINT_INDEX_OFFSET, 99);
        assertForged(point + IndexDescriptor.POINT_INDEX_OFFSET, 301);
        assertForged(point + IndexDescriptor.POINT_INDEX_OFFSET, Long.MAX_VALUE);
        assertForged(point + IndexDescriptor.POINT_TIME_OFFSET, 999);
        assertForged(point + IndexDescriptor.POINT_TIME_OFFSET, 2001);
        assertForged(point + IndexDescriptor.POINT_POSITION_OFFSET, FIRST);
        assertForged(point + IndexDescriptor.POINT_POSITION_OFFSET, 100 * 1024 + 8);
        assertForged(point + IndexDescriptor.POINT_POSITION_OFFSET, 200 * 1024);
        assertForged(point + IndexDescriptor.POINT_POSITION_OFFSET, Long.MIN_VALUE);
        assertForgedCount(-1);
        assertForgedCount(Integer.MAX_VALUE);
        assertForgedCount(Integer.MIN_VALUE);
        assertForgedCount(4096 / IndexDescriptor.POINT_BYTES);
    }

    /** Writes the index with one value changed and a checksum that agrees. */
    private void assertForged(int offset, long value) {
        UnsafeBuffer buffer = points().encode(HEADER, NEXT_INDEX, END_POSITION);
        buffer.putLong(offset, value, ByteOrder.LITTLE_ENDIAN);
        int crc = SparseIndex.crc(buffer, 3);
        buffer.putInt(IndexDescriptor.CRC_OFFSET, crc, ByteOrder.LITTLE_ENDIAN);
        file.write(buffer.byteBuffer(), HEADER.indexPosition());
        assertNull(SparseIndex.read(file, HEADER), offset + ": " + value);
    }

    private void assertForgedCount(int count) {
        UnsafeBuffer buffer = points().encode(HEADER, NEXT_INDEX, END_POSITION);
        buffer.putInt(IndexDescriptor.POINT_COUNT_OFFSET, count, ByteOrder.LITTLE_ENDIAN);
        file.write(buffer.byteBuffer(), HEADER.indexPosition());
        assertNull(SparseIndex.read(file, HEADER), count + " points");
    }
}
