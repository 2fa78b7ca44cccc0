package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Collects the points of a segment's sparse index while it is written: see {@link IndexDescriptor}.
 * Everything is allocated at construction, unless it is a {@link #growing} one. One thread at a
 * time.
 */
public final class SparseIndexBuilder {
    private static final int GROWING_CAPACITY = 4;

    private final long spacingBytes;
    private final int pointsMax;
    private long[] indexes;
    private long[] timesNs;
    private long[] positions;
    private int count;
    private long lastTimeNs;

    /** For a segment of {@code segmentBytes} that is empty. */
    public SparseIndexBuilder(long segmentBytes) {
        this(segmentBytes, IndexDescriptor.POINTS_MAX);
    }

    private SparseIndexBuilder(long segmentBytes, int capacity) {
        pointsMax = IndexDescriptor.pointsMax(segmentBytes);
        spacingBytes = IndexDescriptor.pointSpacingBytes(segmentBytes);
        int first = Math.min(capacity, pointsMax);
        indexes = new long[first];
        timesNs = new long[first];
        positions = new long[first];
    }

    /**
     * One that takes as much memory as it has points: a forged header may claim a terabyte for a
     * file of a page.
     */
    public static SparseIndexBuilder growing(long segmentBytes) {
        return new SparseIndexBuilder(segmentBytes, GROWING_CAPACITY);
    }

    /** Takes the memory for all points there may be, so that {@link #add} allocates no more. */
    public SparseIndexBuilder grown() {
        resize(pointsMax);
        return this;
    }

    private void resize(int capacity) {
        indexes = Arrays.copyOf(indexes, capacity);
        timesNs = Arrays.copyOf(timesNs, capacity);
        positions = Arrays.copyOf(positions, capacity);
    }

    /** A batch begins at {@code position}; becomes a point if the last one is far enough away. */
    public void add(long index, long timeNs, long position) {
        lastTimeNs = timeNs;
        boolean isFar = count == 0 || position - positions[count - 1] >= spacingBytes;
        if (isFar && count < pointsMax) {
            if (count == positions.length) {
                resize(Math.min(pointsMax, 2 * count));
            }
            indexes[count] = index;
            timesNs[count] = timeNs;
            positions[count] = position;
            count++;
        }
    }

    /** Points collected. */
    public int count() {
        return count;
    }

    /** Time of the last batch, 0 if there was none. */
    long lastTimeNs() {
        return lastTimeNs;
    }

    /** Whatever {@code header} says of the segment's size, encodes the index for its last bytes. */
    UnsafeBuffer encode(SegmentDescriptor.Header header, long nextIndex, long endPosition) {
        UnsafeBuffer buffer = SegmentFile.newBuffer(header.indexBytes());
        buffer.putLong(
                IndexDescriptor.MAGIC_OFFSET, IndexDescriptor.MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(IndexDescriptor.POINT_COUNT_OFFSET, count, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(IndexDescriptor.LOG_ID_OFFSET, header.logId(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(IndexDescriptor.NUMBER_OFFSET, header.number(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(
                IndexDescriptor.BASE_INDEX_OFFSET, header.baseIndex(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(IndexDescriptor.NEXT_INDEX_OFFSET, nextIndex, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(IndexDescriptor.END_POSITION_OFFSET, endPosition, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(IndexDescriptor.LAST_TIME_OFFSET, lastTimeNs, ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int point = IndexDescriptor.HEADER_BYTES + i * IndexDescriptor.POINT_BYTES;
            putPoint(buffer, point, indexes[i], timesNs[i], positions[i]);
        }
        int crc = SparseIndex.crc(buffer, count);
        buffer.putInt(IndexDescriptor.CRC_OFFSET, crc, ByteOrder.LITTLE_ENDIAN);
        return buffer;
    }

    private static void putPoint(
            UnsafeBuffer buffer, int offset, long index, long timeNs, long position) {
        buffer.putLong(offset + IndexDescriptor.POINT_INDEX_OFFSET, index, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + IndexDescriptor.POINT_TIME_OFFSET, timeNs, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(
                offset + IndexDescriptor.POINT_POSITION_OFFSET, position, ByteOrder.LITTLE_ENDIAN);
    }
}
