package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.BatchReader;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;

/** A segment, what is known of its batches, and its file while that is open. One thread. */
final class KnownSegment implements AutoCloseable {
    private final ListedSegment segment;
    private final SparseIndex sparse;
    private final BatchPoints points = new BatchPoints();
    private final KnownBatches batches = new KnownBatches();
    private AheadFile file;

    private KnownSegment(ListedSegment segment, AheadFile file) {
        this.segment = segment;
        this.file = file;
        sparse = SparseIndex.readIfReadable(file, segment.header());
    }

    /** Takes {@code file} over; null if that had to be opened again, and was gone. */
    static KnownSegment readOrNull(ListedSegment segment, AheadFile file) {
        try {
            return new KnownSegment(segment, file);
        } catch (AppendException e) {
            file.close();
            if (e.code() != AppendException.Code.NOT_FOUND) {
                throw e;
            }
            return null;
        }
    }

    ListedSegment segment() {
        return segment;
    }

    /** Null while it is closed. */
    AheadFile file() {
        return file;
    }

    /** Takes {@code opened} over, in place of one that was closed. */
    void open(AheadFile opened) {
        assert file == null : segment;
        file = opened;
    }

    /** The index at the end of a sealed segment; null if it has none, or none that is whole. */
    SparseIndex sparse() {
        return sparse;
    }

    /** Where batches stand that were walked over. */
    BatchPoints points() {
        return points;
    }

    /** The batches that were verified. */
    KnownBatches batches() {
        return batches;
    }

    /** A position from which a walk to {@code index} may start. */
    long positionBefore(long index) {
        long learnt = points.positionBefore(index, SegmentDescriptor.HEADER_BYTES);
        // An index may know nothing of the segment's first part: those of logs that were closed and
        // opened again once did not.
        return sparse == null ? learnt : Math.max(learnt, sparse.positionBefore(index));
    }

    /** As many bytes as a walk from there to {@code index} goes over, or a guess. */
    int bytesNear(long index) {
        long from = positionBefore(index);
        long end =
                sparse != null
                        ? sparse.positionAfter(index)
                        : points.positionAfter(index, from + IndexDescriptor.POINT_SPACING_BYTES);
        return Math.clamp(end - from, 0, BatchReader.BUFFER_BYTES);
    }

    /** Closes the file, if it is open; what is known stays. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
