package org.sluice.appender;

import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndexBuilder;

import java.util.List;

/**
 * What recovery found, and left, of a log on disk.
 *
 * @param logId random identity of the log
 * @param segments every segment that holds entries or is to be appended to, by rising number; the
 *     last one is the tail. Empty for a log that was never written.
 * @param firstIndex index of the first entry kept
 * @param nextIndex index of the next entry
 * @param lastTimeNs time of the last batch, 0 if there is none
 * @param nextNumber the lowest segment number never used
 * @param isClosed whether the tail ends with the mark of an orderly close
 * @param tailPoints of the tail's sparse index so far, for who goes on in it; null if there is none
 */
record RecoveredLog(
        long logId,
        List<Segment> segments,
        long firstIndex,
        long nextIndex,
        long lastTimeNs,
        long nextNumber,
        boolean isClosed,
        SparseIndexBuilder tailPoints) {

    /**
     * One segment.
     *
     * @param nextIndex index after its last entry
     * @param endPosition where its last batch ends, padding included
     * @param lastTimeNs time of its last batch, 0 if it has none
     * @param sealed whether its sparse index is in place
     */
    record Segment(
            SegmentDescriptor.Header header,
            long nextIndex,
            long endPosition,
            long lastTimeNs,
            boolean sealed) {}
}
