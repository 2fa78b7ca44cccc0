package org.sluice.appender;

import org.agrona.BitUtil;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.SegmentDescriptor;

import java.time.Duration;

/**
 * The bounds of the sizes in an {@link AppendLogConfig}, and which of them must fit together. Every
 * check throws an IllegalArgumentException that names the value.
 */
final class ConfigLimits {
    /** As many indexes are left behind it, at least. */
    private static final long FIRST_INDEX_MAX = SegmentDescriptor.INDEX_MAX / 2;

    private static final int BLOCK_BYTES_DEFAULT = 256 * 1024;
    private static final int OVERFLOW_BYTES_DEFAULT = 32 << 20;
    private static final int OVERFLOW_COUNT_DEFAULT_MAX = 256;
    private static final int SLOT_COUNT_MAX = 1 << 24;
    private static final int SLOT_BYTES_MAX = 1 << 20;

    /** What one direct buffer can hold, with room to begin at a page. */
    private static final int SLAB_BYTES_MAX = Integer.MAX_VALUE - AlignedBlockPool.PAGE_BYTES;

    private static final int OVERFLOW_COUNT_MAX = 1 << 16;
    private static final int BLOCK_COUNT_MAX = 1024;
    private static final int SEGMENTS_AHEAD_MAX = 1024;

    /** What nanoseconds in a long can hold. */
    private static final Duration DURATION_MAX = Duration.ofNanos(Long.MAX_VALUE);

    private ConfigLimits() {}

    /** The longest entry that fits a block of {@code blockBytes} with its headers and padding. */
    static int entryBytesMax(int blockBytes) {
        return blockBytes
                - BatchDescriptor.HEADER_BYTES
                - BatchDescriptor.ENTRY_ALIGN_BYTES
                - AlignedBlockPool.PAGE_BYTES;
    }

    /** The size of a block where none is asked for: the default, or what an entry needs. */
    static int blockBytesFor(int maxEntryBytes) {
        int blockBytes = BLOCK_BYTES_DEFAULT;
        while (entryBytesMax(blockBytes) < maxEntryBytes) {
            blockBytes *= 2;
        }
        return blockBytes;
    }

    /** How many overflow buffers where no number is asked for: as many as 32 MiB hold, to 256. */
    static int overflowCountFor(int maxEntryBytes) {
        return Math.clamp(OVERFLOW_BYTES_DEFAULT / maxEntryBytes, 2, OVERFLOW_COUNT_DEFAULT_MAX);
    }

    static void checkFirstIndex(long firstIndex) {
        check("firstIndex", firstIndex, 0, FIRST_INDEX_MAX);
    }

    static void checkSlots(int slotCount, int slotBytes, int overflowCount) {
        check("slotCount", slotCount, 2, SLOT_COUNT_MAX);
        if (!BitUtil.isPowerOfTwo(slotCount)) {
            throw new IllegalArgumentException("slotCount must be a power of two: " + slotCount);
        }
        check("slotBytes", slotBytes, 8, SLOT_BYTES_MAX);
        int strideBytes = Slots.strideFor(slotBytes);
        if ((long) slotCount * strideBytes > SLAB_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "slotCount × slotBytes, a slot rounded up to whole cache lines, must stay below"
                            + " 2 GiB: "
                            + slotCount
                            + " × "
                            + strideBytes);
        }
        check("overflowCount", overflowCount, 0, OVERFLOW_COUNT_MAX);
    }

    static void checkEntries(int maxEntryBytes) {
        check("maxEntryBytes", maxEntryBytes, 1, entryBytesMax(SegmentDescriptor.BATCH_BYTES_MAX));
    }

    static void checkBlocks(int blockBytes, int blockCount, int maxEntryBytes) {
        check(
                "blockBytes",
                blockBytes,
                2L * AlignedBlockPool.PAGE_BYTES,
                SegmentDescriptor.BATCH_BYTES_MAX);
        check("blockCount", blockCount, 2, BLOCK_COUNT_MAX);
        if (!BitUtil.isAligned(blockBytes, AlignedBlockPool.PAGE_BYTES)) {
            throw new IllegalArgumentException(
                    "blockBytes must be a multiple of 4,096: " + blockBytes);
        }
        if ((long) blockBytes * blockCount > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "blockBytes × blockCount must stay below 2 GiB: "
                            + blockBytes
                            + " × "
                            + blockCount);
        }
        if (maxEntryBytes > entryBytesMax(blockBytes)) {
            throw new IllegalArgumentException(
                    "maxEntryBytes "
                            + maxEntryBytes
                            + " does not fit blockBytes "
                            + blockBytes
                            + ", which hold an entry of "
                            + entryBytesMax(blockBytes));
        }
    }

    static void checkSegments(long segmentBytes, int blockBytes) {
        check(
                "segmentBytes",
                segmentBytes,
                SegmentDescriptor.SEGMENT_BYTES_MIN,
                SegmentDescriptor.SEGMENT_BYTES_MAX);
        long batchRoomBytes =
                segmentBytes
                        - SegmentDescriptor.HEADER_BYTES
                        - IndexDescriptor.indexBytes(segmentBytes);
        if (segmentBytes % AlignedBlockPool.PAGE_BYTES != 0 || batchRoomBytes < blockBytes) {
            throw new IllegalArgumentException(
                    "segmentBytes must be a multiple of 4,096 and hold a header, an index and a block"
                            + " of "
                            + blockBytes
                            + ": "
                            + segmentBytes);
        }
    }

    static void checkSegmentsAhead(int segmentsAhead) {
        check("segmentsAhead", segmentsAhead, 1, SEGMENTS_AHEAD_MAX);
    }

    static void checkRetention(long retentionBytes) {
        check("retentionBytes", retentionBytes, 0, Long.MAX_VALUE);
    }

    static void checkDuration(String name, Duration value) {
        if (value.isNegative() || value.compareTo(DURATION_MAX) > 0) {
            throw new IllegalArgumentException(
                    name + " must not be negative, nor above 292 years: " + value);
        }
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " must be from " + min + " to " + max + ": " + value);
        }
    }
}
