package org.sluice.store;

/**
 * Layout of a sealed segment's sparse index, in the last {@code indexBytes} of the file.
 * Little-endian.
 *
 * <pre>
 *     0                               8               12             16
 *    +-------------------------------+---------------+---------------+
 *    | magic "SLUICEIX"              | CRC32C        | point count   |
 *    +-------------------------------+---------------+---------------+ 16
 *    | log id                        | segment number                |
 *    +-------------------------------+-------------------------------+ 32
 *    | base index                    | next index                    |
 *    +-------------------------------+-------------------------------+ 48
 *    | end position of the batches   | time of the last batch        |
 *    +-------------------------------+-------------------------------+ 64
 *    | point: base index of a batch  | its time      | its position  |   24 bytes each
 *    +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The checksum covers offset 12 to the end of the last point. It is written only after the
 * batches it describes are durable, so its presence means that the segment is whole.
 */
public final class IndexDescriptor {
    /** "SLUICEIX" read as a little-endian long. */
    public static final long MAGIC = 0x5849_4543_4955_4C53L;

    /** Bytes before the first point. */
    public static final int HEADER_BYTES = 64;

    /** Bytes a point takes. */
    public static final int POINT_BYTES = 24;

    /** Most points of an index, whatever the segment's size. */
    public static final int POINTS_MAX = 1024;

    /**
     * A point about every this many bytes, or less often if that would exceed {@link #POINTS_MAX}.
     */
    public static final int POINT_SPACING_BYTES = 64 * 1024;

    /** Most bytes of an index; bounds what is ever allocated because a header said so. */
    static final int INDEX_BYTES_MAX = indexBytes(SegmentDescriptor.SEGMENT_BYTES_MAX);

    static final int MAGIC_OFFSET = 0;
    static final int CRC_OFFSET = 8;
    static final int POINT_COUNT_OFFSET = 12;
    static final int LOG_ID_OFFSET = 16;
    static final int NUMBER_OFFSET = 24;
    static final int BASE_INDEX_OFFSET = 32;
    static final int NEXT_INDEX_OFFSET = 40;
    static final int END_POSITION_OFFSET = 48;
    static final int LAST_TIME_OFFSET = 56;
    static final int POINT_INDEX_OFFSET = 0;
    static final int POINT_TIME_OFFSET = 8;
    static final int POINT_POSITION_OFFSET = 16;

    private IndexDescriptor() {}

    /** Points kept for a segment of {@code segmentBytes}. */
    static int pointsMax(long segmentBytes) {
        return (int) Math.min(POINTS_MAX, segmentBytes / POINT_SPACING_BYTES + 1);
    }

    /** Distance between points of a segment of {@code segmentBytes}. */
    static long pointSpacingBytes(long segmentBytes) {
        return Math.max(POINT_SPACING_BYTES, segmentBytes / (POINTS_MAX - 1) + 1);
    }

    /** Bytes to keep at the end of a segment of {@code segmentBytes}: a multiple of a page. */
    public static int indexBytes(long segmentBytes) {
        int bytes = HEADER_BYTES + pointsMax(segmentBytes) * POINT_BYTES;
        return Math.ceilDiv(bytes, AlignedBlockPool.PAGE_BYTES) * AlignedBlockPool.PAGE_BYTES;
    }
}
