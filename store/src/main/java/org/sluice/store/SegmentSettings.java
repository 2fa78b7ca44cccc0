package org.sluice.store;

import org.agrona.BitUtil;

/**
 * How a log's new segments are made, and for how long old ones are kept.
 *
 * @param segmentBytes size of a segment's file
 * @param alignBytes every batch starts at a multiple of this
 * @param batchBytesMax the longest batch, padding included
 * @param preallocation how files get their size, never {@link Preallocation#AUTO}
 * @param preparedCount segments kept ready ahead, at least 1
 * @param retentionBytes whole old segments are removed while the sealed rest is at least this long;
 *     0: kept for ever
 * @param retentionAgeNs segments whose last batch is older are removed; 0: kept for ever
 */
public record SegmentSettings(
        long segmentBytes,
        int alignBytes,
        int batchBytesMax,
        Preallocation preallocation,
        int preparedCount,
        long retentionBytes,
        long retentionAgeNs) {

    /**
     * Checks that segments of this kind can be made at all.
     *
     * @throws IllegalArgumentException naming what is out of its bounds
     */
    public SegmentSettings {
        check(
                segmentBytes >= SegmentDescriptor.SEGMENT_BYTES_MIN
                        && segmentBytes <= SegmentDescriptor.SEGMENT_BYTES_MAX,
                "segmentBytes",
                segmentBytes);
        check(
                BitUtil.isPowerOfTwo(alignBytes) && alignBytes <= SegmentDescriptor.HEADER_BYTES,
                "alignBytes",
                alignBytes);
        check(
                batchBytesMax >= BatchDescriptor.HEADER_BYTES
                        && batchBytesMax <= SegmentDescriptor.BATCH_BYTES_MAX,
                "batchBytesMax",
                batchBytesMax);
        check(preparedCount >= 1, "preparedCount", preparedCount);
        check(retentionBytes >= 0, "retentionBytes", retentionBytes);
        check(retentionAgeNs >= 0, "retentionAgeNs", retentionAgeNs);
        if (preallocation == Preallocation.AUTO) {
            throw new IllegalArgumentException("AUTO is for the storage to resolve");
        }
    }

    private static void check(boolean isRight, String name, long value) {
        if (!isRight) {
            throw new IllegalArgumentException(name + " is out of bounds: " + value);
        }
    }
}
