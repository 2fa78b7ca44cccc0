package org.sluice.appender;

import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndexBuilder;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@link LogAnalyzer} found in a log's files. Filled by it, then only read.
 *
 * <p>Without damage, {@link #live} is the whole log, entries {@link #firstIndex} to {@link
 * #nextIndex} - 1, and every other segment of the listing is a leftover that {@link Recovery}
 * deletes.
 */
final class LogAnalysis {
    /** Damages kept; a forged log can have one every few bytes, and each takes memory. */
    static final int DAMAGES_MAX = 1_000;

    /**
     * A segment that holds entries of the log, or is to be appended to.
     *
     * @param nextIndex index after its last entry
     * @param endPosition where its last batch ends
     * @param lastTimeNs time of its last batch, 0 if it has none
     * @param isSealed whether its sparse index is in place and true
     * @param points of a sparse index, null if the segment was not scanned, or not to be opened
     */
    record LiveSegment(
            ListedSegment file,
            long nextIndex,
            long endPosition,
            long lastTimeNs,
            boolean isSealed,
            SparseIndexBuilder points) {

        SegmentDescriptor.Header header() {
            return file.header();
        }
    }

    final LogListing listing;
    final List<LiveSegment> live = new ArrayList<>();
    final List<LogDamage> damages = new ArrayList<>();
    long moreDamages;

    /** Number of the segment that proves the last damage to be one, -1 if it proves itself. */
    long proofNumber = -1;

    long firstIndex = LogDamage.UNKNOWN;
    long nextIndex = LogDamage.UNKNOWN;
    long firstTimeNs;
    long lastTimeNs;
    long provenIndex = -1;
    long batches;
    long entries;
    long aborted;
    long batchBytes;
    long tornBytes;
    boolean isClosed;

    LogAnalysis(LogListing listing) {
        this.listing = listing;
    }

    /** The segment that was written last, or null if the log was never written. */
    LiveSegment tail() {
        return live.isEmpty() ? null : live.get(live.size() - 1);
    }

    /** The segments that are no part of the log: prepared, void, torn off or never finished. */
    List<ListedSegment> leftovers() {
        List<ListedSegment> leftovers = new ArrayList<>(listing.segments());
        live.forEach(segment -> leftovers.remove(segment.file()));
        return leftovers;
    }
}
