package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AsyncIo;
import org.sluice.store.PreparedSegment;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentKeeper;
import org.sluice.store.SparseIndexBuilder;

/**
 * Where the writer gets the segments it writes to: the tail that recovery left, and after it those
 * that the keeper has prepared on its own thread. It never waits for the keeper; it says that there
 * is none yet, and that the keeper has failed. Writer thread only.
 */
final class SegmentSource {
    private final AsyncIo io;
    private final SegmentKeeper keeper;
    private final DiskSpace space;
    private final StatsRecorder stats;
    private boolean isWaiting;

    SegmentSource(AsyncIo io, SegmentKeeper keeper, DiskSpace space, StatsRecorder stats) {
        this.io = io;
        this.keeper = keeper;
        this.space = space;
        this.stats = stats;
    }

    /**
     * Opens the log's last segment again, to go on behind its last batch.
     *
     * @param points of the batches that it has already
     */
    ActiveSegment reopen(RecoveredLog.Segment tail, SparseIndexBuilder points, long lastIndex) {
        long end = tail.endPosition();
        return open(tail.header(), points, end, end, lastIndex);
    }

    /**
     * Throws what the keeper failed with, if it has: a log that seals and frees nothing any more is
     * to end when it happens, and not at the next roll, which may be weeks away. Each turn.
     */
    void checkKeeper() {
        AppendException failure = keeper.failure();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * The next prepared segment, for {@link #begin}; null if there is none yet, and the next turn
     * is to ask again.
     */
    PreparedSegment takePrepared() {
        PreparedSegment prepared = keeper.takePrepared();
        if (prepared == null) {
            awaitPrepared();
        } else if (isWaiting) {
            isWaiting = false;
            space.onFree();
        }
        return prepared;
    }

    /** Whether the log can't go on for want of a segment. */
    boolean isWaiting() {
        return isWaiting;
    }

    /**
     * Opens a prepared segment for the entries behind {@code lastIndex}. Its header, which makes it
     * live, must be its first write.
     */
    ActiveSegment begin(PreparedSegment prepared, long lastIndex) {
        SegmentDescriptor.requireIndex(lastIndex + 1);
        SegmentDescriptor.Header header = prepared.header().activated(lastIndex + 1, 0);
        long writtenTo = prepared.isWritten() ? header.segmentBytes() : 0;
        SparseIndexBuilder points = new SparseIndexBuilder(header.segmentBytes());
        return open(header, points, SegmentDescriptor.HEADER_BYTES, writtenTo, lastIndex);
    }

    private ActiveSegment open(
            SegmentDescriptor.Header header,
            SparseIndexBuilder points,
            long position,
            long writtenTo,
            long lastIndex) {
        return new ActiveSegment(
                header,
                io.open(SegmentDescriptor.fileName(header.number())),
                points,
                position,
                lastIndex,
                writtenTo);
    }

    private void awaitPrepared() {
        if (!isWaiting) {
            stats.onRollWait();
            isWaiting = true;
        }
        if (keeper.diskFull()) {
            space.onFull();
        }
    }
}
