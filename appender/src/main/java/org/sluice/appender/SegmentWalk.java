package org.sluice.appender;

import org.sluice.appender.LogAnalysis.LiveSegment;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.SparseIndexBuilder;
import org.sluice.store.StoreFile;

/**
 * The way over the batches of a segment, as far as each continues the one before. Counts what it
 * meets in the {@link LogAnalysis}; what it means that it stops is {@link LogAnalyzer}'s to say.
 *
 * <p>One thread; for one segment after the other.
 */
final class SegmentWalk {
    private final AnalysisMode mode;
    private final LogAnalysis analysis;
    private final ReadProgress progress;
    private final BatchReader batches;

    private ListedSegment segment;
    private long position;
    private long index;
    private long lastTimeNs;
    private SparseIndexBuilder points;

    SegmentWalk(AnalysisMode mode, LogAnalysis analysis, ReadProgress progress) {
        this.mode = mode;
        this.analysis = analysis;
        this.progress = progress;
        batches = new BatchReader(analysis.listing.bufferBytes());
    }

    /** Stands before the first batch of an active segment. */
    void begin(ListedSegment active, StoreFile file) {
        open(active, file);
        position = SegmentDescriptor.HEADER_BYTES;
        index = active.header().baseIndex();
        lastTimeNs = 0;
        // A mark in an earlier segment is of an earlier close, and says nothing of this one.
        analysis.isClosed = false;
        // Only who opens the log builds indexes; for others they would pile up.
        points =
                mode.isForOpening()
                        ? SparseIndexBuilder.growing(active.header().segmentBytes())
                        : null;
    }

    /** Stands behind the last batch of a sealed segment, as its sparse index tells it. */
    void passOver(ListedSegment sealed, StoreFile file, SparseIndex sparse) {
        open(sealed, file);
        if (analysis.firstTimeNs == 0 && batches.read(SegmentDescriptor.HEADER_BYTES)) {
            analysis.firstTimeNs = batches.timestampNs();
        }
        position = sparse.endPosition();
        index = sparse.nextIndex();
        lastTimeNs = sparse.lastTimeNs();
        points = null;
    }

    private void open(ListedSegment active, StoreFile file) {
        segment = active;
        batches.open(file, active.header());
    }

    /** Goes on as long as each batch continues the one before. */
    void goOn() {
        while (hasNext()) {
            if (analysis.firstTimeNs == 0) {
                analysis.firstTimeNs = batches.timestampNs();
            }
            if (points != null) {
                points.add(index, batches.timestampNs(), position);
            }
            lastTimeNs = batches.timestampNs();
            count();
            position = batches.endPosition();
            index = batches.nextIndex();
            progress.onPosition(position);
        }
    }

    /** Whether a batch stands here that continues the one before. */
    boolean hasNext() {
        return batches.read(position) && batches.baseIndex() == index && segment.keeps(batches);
    }

    private void count() {
        analysis.batches++;
        analysis.entries += batches.entryCount();
        analysis.batchBytes += batches.length();
        analysis.provenIndex = Math.max(analysis.provenIndex, batches.durableIndex());
        analysis.isClosed = (batches.flags() & BatchDescriptor.FLAG_CLOSED) != 0;
        if (!mode.trustsIndexes()) {
            while (batches.nextEntry()) {
                if (batches.entryAborted()) {
                    analysis.aborted++;
                }
            }
        }
    }

    /** Goes to a place behind a hole. */
    void resumeAt(long resumePosition, long resumeIndex) {
        position = resumePosition;
        index = resumeIndex;
    }

    /** Where it stands in the segment's file. */
    long position() {
        return position;
    }

    /** Of the entry that comes next. */
    long index() {
        return index;
    }

    /** Whether the segment ends here as its sparse index says; false if it has none. */
    boolean isSealedBy(SparseIndex sparse) {
        // Behind the last entry that a truncation left, the mark of an orderly close is void.
        boolean isCutHere = segment.limitIndex() == index;
        return sparse != null
                && sparse.nextIndex() == index
                && (isCutHere
                        || (sparse.endPosition() == position && sparse.lastTimeNs() == lastTimeNs));
    }

    /** Adds the segment, up to here, to the log. */
    void addToLog(boolean isSealed) {
        if (analysis.live.isEmpty()) {
            analysis.firstIndex = segment.header().baseIndex();
        }
        if (isSealed) {
            analysis.provenIndex = Math.max(analysis.provenIndex, index - 1);
        }
        if (lastTimeNs != 0) {
            analysis.lastTimeNs = lastTimeNs;
        }
        analysis.live.add(new LiveSegment(segment, index, position, lastTimeNs, isSealed, points));
    }
}
