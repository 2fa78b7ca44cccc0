package org.sluice.store;

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
        long retentionAgeNs) {}
