package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The sparse index of a sealed segment, read back: where to start looking for an index or a time.
 * Immutable.
 */
public final class SparseIndex {
    private final long nextIndex;
    private final long endPosition;
    private final long lastTimeNs;
    private final long[] indexes;
    private final long[] timesNs;
    private final long[] positions;

    private SparseIndex(
            long nextIndex,
            long endPosition,
            long lastTimeNs,
            long[] indexes,
            long[] timesNs,
            long[] positions) {
        this.nextIndex = nextIndex;
        this.endPosition = endPosition;
        this.lastTimeNs = lastTimeNs;
        this.indexes = indexes;
        this.timesNs = timesNs;
        this.positions = positions;
    }

    /** Index after the segment's last entry. */
    public long nextIndex() {
        return nextIndex;
    }

    /** Where the segment's last batch ends, padding included. */
    public long endPosition() {
        return endPosition;
    }

    /** Time of the segment's last batch. */
    public long lastTimeNs() {
        return lastTimeNs;
    }

    /** As {@link #read}, and null also if the index can't be read. */
    public static SparseIndex readIfReadable(StoreFile file, SegmentDescriptor.Header header) {
        try {
            return read(file, header);
        } catch (AppendException e) {
            if (!FileFaults.isUnreadable(e)) {
                throw e;
            }
            return null;
        }
    }

    /**
     * Reads the index of {@code file}.
     *
     * @return null if there is none, or none that is whole and fits {@code header}
     */
    public static SparseIndex read(StoreFile file, SegmentDescriptor.Header header) {
        if (header.indexBytes() < IndexDescriptor.HEADER_BYTES
                || header.indexBytes() > IndexDescriptor.INDEX_BYTES_MAX
                || file.size() < header.segmentBytes()) {
            return null;
        }
        UnsafeBuffer buffer = SegmentFile.newBuffer(header.indexBytes());
        ByteBuffer bytes = buffer.byteBuffer();
        if (SegmentFile.readFully(file, bytes, header.indexPosition()) < header.indexBytes()) {
            return null;
        }
        return isIntact(buffer, header) ? decode(buffer, header) : null;
    }

    private static boolean isIntact(UnsafeBuffer buffer, SegmentDescriptor.Header header) {
        if (buffer.getLong(IndexDescriptor.MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN)
                != IndexDescriptor.MAGIC) {
            return false;
        }
        int count = buffer.getInt(IndexDescriptor.POINT_COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
        int countMax =
                (buffer.capacity() - IndexDescriptor.HEADER_BYTES) / IndexDescriptor.POINT_BYTES;
        return count >= 0
                && count <= countMax
                && buffer.getInt(IndexDescriptor.CRC_OFFSET, ByteOrder.LITTLE_ENDIAN)
                        == crc(buffer, count)
                && getLong(buffer, IndexDescriptor.LOG_ID_OFFSET) == header.logId()
                && getLong(buffer, IndexDescriptor.NUMBER_OFFSET) == header.number()
                && getLong(buffer, IndexDescriptor.BASE_INDEX_OFFSET) == header.baseIndex();
    }

    /** Null if a value is out of its bounds, which only a forged index's can be. */
    private static SparseIndex decode(UnsafeBuffer buffer, SegmentDescriptor.Header header) {
        int count = buffer.getInt(IndexDescriptor.POINT_COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
        long nextIndex = getLong(buffer, IndexDescriptor.NEXT_INDEX_OFFSET);
        long endPosition = getLong(buffer, IndexDescriptor.END_POSITION_OFFSET);
        long lastTimeNs = getLong(buffer, IndexDescriptor.LAST_TIME_OFFSET);
        if (nextIndex < header.baseIndex()
                || endPosition < SegmentDescriptor.HEADER_BYTES
                || endPosition > header.indexPosition()
                || endPosition % header.alignBytes() != 0) {
            return null;
        }
        long[] indexes = new long[count];
        long[] timesNs = new long[count];
        long[] positions = new long[count];
        for (int i = 0; i < count; i++) {
            int point = IndexDescriptor.HEADER_BYTES + i * IndexDescriptor.POINT_BYTES;
            indexes[i] = getLong(buffer, point + IndexDescriptor.POINT_INDEX_OFFSET);
            timesNs[i] = getLong(buffer, point + IndexDescriptor.POINT_TIME_OFFSET);
            positions[i] = getLong(buffer, point + IndexDescriptor.POINT_POSITION_OFFSET);
            boolean isOrdered =
                    i == 0
                            || (indexes[i] >= indexes[i - 1]
                                    && timesNs[i] >= timesNs[i - 1]
                                    && positions[i] > positions[i - 1]);
            boolean isInside =
                    indexes[i] >= header.baseIndex()
                            && indexes[i] <= nextIndex
                            && timesNs[i] <= lastTimeNs
                            && positions[i] >= SegmentDescriptor.HEADER_BYTES
                            && positions[i] < endPosition
                            && positions[i] % header.alignBytes() == 0;
            if (!isOrdered || !isInside) {
                return null;
            }
        }
        return new SparseIndex(nextIndex, endPosition, lastTimeNs, indexes, timesNs, positions);
    }

    /**
     * Position of the last known batch that begins at or before {@code index}, else of the first.
     */
    public long positionBefore(long index) {
        return positionAt(lastAtMost(indexes, index));
    }

    /**
     * Position of the first known batch that begins after {@code index}, else of the last's end.
     */
    public long positionAfter(long index) {
        int point = lastAtMost(indexes, index) + 1;
        return point == positions.length ? endPosition : positions[point];
    }

    /** Position of the last known batch that is older than {@code timeNs}, else of the first. */
    public long positionBeforeTime(long timeNs) {
        return positionAt(timeNs == Long.MIN_VALUE ? -1 : lastAtMost(timesNs, timeNs - 1));
    }

    private long positionAt(int point) {
        return point < 0 ? SegmentDescriptor.HEADER_BYTES : positions[point];
    }

    /** The last element of {@code sorted} that is at most {@code value}, -1 if none is. */
    private static int lastAtMost(long[] sorted, long value) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= value) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    static int crc(UnsafeBuffer buffer, int count) {
        int end = IndexDescriptor.HEADER_BYTES + count * IndexDescriptor.POINT_BYTES;
        ByteBuffer checked =
                buffer.byteBuffer()
                        .slice(
                                IndexDescriptor.POINT_COUNT_OFFSET,
                                end - IndexDescriptor.POINT_COUNT_OFFSET);
        CRC32C crc = new CRC32C();
        crc.update(checked);
        return (int) crc.getValue();
    }

    private static long getLong(UnsafeBuffer buffer, int offset) {
        return buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    }
}
