package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.Errno;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.StoreFile;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Finds single entries: the segment by its base index, a batch near the entry by the segment's
 * sparse index (or by what was seen of it before), and from there batch by batch. Keeps a few
 * segments open.
 *
 * <p>One thread.
 */
final class EntryFinder implements AutoCloseable {
    private static final int OPEN_MAX = 16;
    private static final int TRIES = 2;
    private static final long ANY_TIME = Long.MAX_VALUE;

    /** A segment with its file and what is known of its batches. */
    private static final class OpenSegment {
        final ListedSegment segment;
        final AheadFile file;
        final SparseIndex sparse;
        final BatchPoints points = new BatchPoints();
        long lastUse;

        OpenSegment(ListedSegment segment, AheadFile file) {
            this.segment = segment;
            this.file = file;
            sparse = SparseIndex.readIfReadable(file, segment.header());
        }

        /** A position from which a walk to {@code index} may start. */
        long positionBefore(long index) {
            return sparse != null
                    ? sparse.positionBefore(index)
                    : points.positionBefore(index, SegmentDescriptor.HEADER_BYTES);
        }
    }

    private final LogView view;
    private final LongSupplier truncations;
    private final HoleSearch holes;
    private final BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
    private final OpenSegment[] open = new OpenSegment[OPEN_MAX];
    private OpenSegment current;
    private ReadAhead ahead;
    private long uses;
    private long truncationsSeen;

    /** Where the last walk stopped without finding a batch, and the index expected there. */
    private long holePosition;

    private long holeIndex;

    EntryFinder(LogView view, LongSupplier truncations) {
        this.view = view;
        this.truncations = truncations;
        holes = new HoleSearch(view.directory());
        truncationsSeen = truncations.getAsLong();
    }

    /**
     * Makes {@code index} the current entry of the reader returned.
     *
     * @throws AppendException INDEX_TRUNCATED, INDEX_NOT_WRITTEN, CORRUPT, IO
     */
    BatchReader find(long index) {
        checkTruncations();
        if (current != null && isInBatch(index) && goTo(index)) {
            return batches;
        }
        for (int i = 0; i < TRIES; i++) {
            if (i > 0) {
                // What was read ahead may be older than what stands there now.
                look(null);
                refresh();
            }
            ListedSegment segment = view.holding(index);
            if (segment != null && walk(segment, index) && goTo(index)) {
                return batches;
            }
        }
        checkHeaders(index);
        if (index < view.firstIndex()) {
            throw view.truncatedBefore(index);
        }
        findBehindDamage(index);
        return batches;
    }

    /** What no segment seems to hold may be in one whose header can't be read at this moment. */
    private void checkHeaders(long index) {
        if (view.holding(index) != null) {
            return;
        }
        for (ListedSegment segment : view.listing().segments()) {
            if (segment.isUnreadable()) {
                String name = segment.name();
                throw new AppendException(
                        Code.IO,
                        "cannot read entry " + index + ": " + name + ": " + segment.fault(),
                        view.directory().path().resolve(name),
                        index,
                        Errno.EIO,
                        null);
            }
        }
    }

    /** What was read before a truncation may be void now. */
    private void checkTruncations() {
        if (truncations.getAsLong() != truncationsSeen) {
            truncationsSeen = truncations.getAsLong();
            close();
            view.refresh();
        }
    }

    private boolean isInBatch(long index) {
        return batches.position() >= 0
                && batches.baseIndex() <= index
                && index < batches.nextIndex();
    }

    /** Steps to the entry in the current batch, from its start if the entry lies behind. */
    private boolean goTo(long index) {
        if (batches.entryIndex() > index && !batches.read(batches.position())) {
            return false;
        }
        while (batches.entryIndex() < index && batches.nextEntry()) {
            // Entries have no fixed size: the only way is through them.
        }
        return batches.entryIndex() == index;
    }

    /**
     * Goes to the batch of {@code segment} that holds {@code index}; false if it stops before it.
     */
    private boolean walk(ListedSegment segment, long index) {
        holePosition = SegmentDescriptor.HEADER_BYTES;
        holeIndex = segment.header().baseIndex();
        try {
            if (!use(segment)) {
                return false;
            }
            start(current.positionBefore(index), index);
            return walkOn(index, ANY_TIME);
        } catch (AppendException e) {
            if (e.code() != Code.NOT_FOUND) {
                throw e;
            }
            // The file had to be opened again and was gone.
            drop(current);
            return false;
        }
    }

    /**
     * Sets the walk to {@code start} if that is right for {@code index}, else to the first batch.
     */
    private void start(long start, long index) {
        boolean isRight = batches.read(start) && batches.baseIndex() <= index;
        holePosition = isRight ? start : SegmentDescriptor.HEADER_BYTES;
        holeIndex = isRight ? batches.baseIndex() : current.segment.header().baseIndex();
    }

    /**
     * Goes to the first batch that has an entry after {@code index} or was made at {@code timeNs}.
     */
    private boolean walkOn(long index, long timeNs) {
        while (batches.read(holePosition)
                && batches.baseIndex() == holeIndex
                && current.segment.keeps(batches)) {
            current.points.add(holeIndex, holePosition);
            boolean isInTime = timeNs != ANY_TIME && batches.timestampNs() >= timeNs;
            if (batches.nextIndex() > index || isInTime) {
                return true;
            }
            holePosition = batches.endPosition();
            holeIndex = batches.nextIndex();
        }
        return false;
    }

    /**
     * There is no unbroken way to {@code index}: it may lie behind damage, be lost, or not be
     * written.
     */
    private void findBehindDamage(long index) {
        ListedSegment segment = view.holding(index);
        if (segment == null || !use(segment)) {
            throw notWritten(view, index);
        }
        start(SegmentDescriptor.HEADER_BYTES, index);
        holes.begin();
        int at = view.listing().placeOf(segment.number());
        while (!walkOn(index, ANY_TIME) || !goTo(index)) {
            HoleFinding finding =
                    holes.search(
                            view.listing(),
                            at,
                            current.file,
                            holePosition,
                            holeIndex,
                            current.sparse);
            if (!finding.isDamage()) {
                throw notWritten(view, index);
            }
            if (finding.resumeAt() != at || finding.resumeIndex() > index) {
                throw finding.damage(view.directory(), view.listing(), at, holePosition, holeIndex)
                        .exception();
            }
            holePosition = finding.resumePosition();
            holeIndex = finding.resumeIndex();
        }
    }

    /** The last entry to which there is an unbroken way, first index - 1 if there is none. */
    long lastIndex() {
        checkTruncations();
        refresh();
        ListedSegment last = null;
        long nextIndex = view.firstIndex();
        for (int at = view.listing().segments().size() - 1; at >= 0; at--) {
            ListedSegment segment = view.listing().segments().get(at);
            if (segment.isActive()) {
                walk(segment, Long.MAX_VALUE - 1);
                if (last == null || holeIndex != last.header().baseIndex()) {
                    nextIndex = holeIndex;
                } else if (current != null && current.sparse != null) {
                    break;
                }
                last = segment;
            }
        }
        return nextIndex - 1;
    }

    /**
     * The first entry of the first batch made at or after {@code timeNs}, or the next to be
     * written.
     */
    long indexAtTime(long timeNs) {
        checkTruncations();
        ListedSegment segment = lastBegunBefore(timeNs);
        if (segment == null || !use(segment)) {
            return view.first() == null ? LogDamage.UNKNOWN : view.firstIndex();
        }
        SparseIndex sparse = current.sparse;
        start(
                sparse == null ? SegmentDescriptor.HEADER_BYTES : sparse.positionBeforeTime(timeNs),
                Long.MAX_VALUE);
        walkOn(Long.MAX_VALUE - 1, timeNs);
        return holeIndex;
    }

    private ListedSegment lastBegunBefore(long timeNs) {
        List<ListedSegment> active =
                view.listing().segments().stream().filter(ListedSegment::isActive).toList();
        int low = 0;
        int high = active.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            boolean isOlder =
                    use(active.get(middle))
                            && batches.read(SegmentDescriptor.HEADER_BYTES)
                            && batches.timestampNs() < timeNs;
            if (isOlder) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : active.get(high);
    }

    // ---- open segments ----

    /** Opens the segment, or finds it open; false if its file is gone. */
    private boolean use(ListedSegment segment) {
        if (current != null && current.segment.equals(segment)) {
            return true;
        }
        current = null;
        int oldest = 0;
        for (int i = 0; i < OPEN_MAX && current == null; i++) {
            if (open[i] != null && open[i].segment.equals(segment)) {
                current = open[i];
            } else if (open[oldest] != null
                    && (open[i] == null || open[i].lastUse < open[oldest].lastUse)) {
                oldest = i;
            }
        }
        if (current == null) {
            StoreFile file = view.open(segment);
            if (file == null) {
                return false;
            }
            if (open[oldest] != null) {
                open[oldest].file.close();
            }
            current = new OpenSegment(segment, new AheadFile(segment.name(), file));
            current.file.look(ahead);
            open[oldest] = current;
        }
        current.lastUse = ++uses;
        batches.open(current.file, segment.header());
        return true;
    }

    // ---- reading ahead ----

    /**
     * Asks {@code target} for what is near the entry {@code index}, if it is known where that is.
     */
    void request(long index, ReadAhead target) {
        checkTruncations();
        ListedSegment segment = view.holding(index);
        if (segment != null && use(segment)) {
            target.request(segment.name(), current.positionBefore(index));
        }
    }

    /** From now on files are read from {@code target} as far as that goes; null: no longer. */
    void look(ReadAhead target) {
        ahead = target;
        for (OpenSegment known : open) {
            if (known != null) {
                known.file.look(target);
            }
        }
        current = null;
    }

    private void refresh() {
        view.refresh();
        for (OpenSegment known : open) {
            if (known != null
                    && !known.segment.equals(view.listing().find(known.segment.number()))) {
                drop(known);
            }
        }
    }

    private void drop(OpenSegment gone) {
        for (int i = 0; i < OPEN_MAX; i++) {
            if (open[i] == gone) {
                open[i].file.close();
                open[i] = null;
            }
        }
        if (current == gone) {
            current = null;
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < OPEN_MAX; i++) {
            if (open[i] != null) {
                open[i].file.close();
                open[i] = null;
            }
        }
        current = null;
    }

    static AppendException notWritten(LogView view, long index) {
        return new AppendException(
                Code.INDEX_NOT_WRITTEN,
                "entry " + index + " is not written yet",
                view.directory().path(),
                index,
                AppendException.NONE,
                null);
    }
}
