package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.Errno;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Finds single entries: the segment by its base index; in it the batch, if it is known, else a
 * batch near the entry by the segment's sparse index (or by what was seen of it before), and from
 * there batch by batch.
 *
 * <p>One thread.
 */
final class EntryFinder implements AutoCloseable {
    private static final int TRIES = 2;
    private static final long ANY_TIME = Long.MAX_VALUE;

    private final LogView view;
    private final LongSupplier truncations;
    private final HoleSearch holes;
    private final KnownSegments segments;
    private final BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
    private final KnownBatchReader knownBatches = new KnownBatchReader();
    private final FoundEntry found = new FoundEntry();

    /** The segment {@link #batches} reads, and its file, which may be closed meanwhile. */
    private KnownSegment current;

    private AheadFile currentFile;

    private long truncationsSeen;

    /** Where the last walk stopped without finding a batch, and the index expected there. */
    private long holePosition;

    private long holeIndex;

    /** Whether a file was gone that the view still shows. */
    private boolean isProbeGone;

    EntryFinder(LogView view, LongSupplier truncations) {
        this.view = view;
        this.truncations = truncations;
        holes = new HoleSearch(view.directory());
        segments = new KnownSegments(view, KnownSegments.COST_MAX);
        truncationsSeen = truncations.getAsLong();
    }

    /**
     * Finds entry {@code index}, which stays in memory until the next call.
     *
     * @throws AppendException INDEX_TRUNCATED, INDEX_NOT_WRITTEN, CORRUPT, IO
     */
    FoundEntry find(long index) {
        checkTruncations();
        if (current != null
                && isInBatch(index)
                && current.segment().equals(view.holding(index))
                && goTo(index)) {
            return found.of(batches);
        }
        if (findKnown(index)) {
            return found;
        }
        for (int i = 0; i < TRIES; i++) {
            if (i > 0) {
                // What was read ahead may be older than what stands there now.
                segments.look(null);
                refresh();
            }
            ListedSegment segment = view.holding(index);
            if (segment != null && walk(segment, index) && goTo(index)) {
                segments.remember(current, knownBatches.learn(batches));
                return found.of(batches);
            }
        }
        checkHeaders(index);
        if (index < view.firstIndex()) {
            throw absent(index);
        }
        findBehindDamage(index);
        return found.of(batches);
    }

    private boolean findKnown(long index) {
        ListedSegment segment = view.holding(index);
        KnownSegment known = segment == null ? null : segments.use(segment);
        KnownBatch batch = known == null ? null : known.batches().find(index);
        if (batch == null) {
            return false;
        }
        boolean isFound = knownBatches.find(batch, known.file(), index, found);
        if (!isFound) {
            known.batches().remove(batch);
        }
        return isFound;
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
        long seen = truncations.getAsLong();
        if (seen != truncationsSeen) {
            close();
            knownBatches.forget();
            view.refresh();
            truncationsSeen = seen;
        }
    }

    private boolean isInBatch(long index) {
        return batches.position() >= 0
                && batches.baseIndex() <= index
                && index < batches.nextIndex();
    }

    /** Steps to the entry in the current batch, from its start if the entry lies behind. */
    private boolean goTo(long index) {
        if (batches.entryIndex() > index) {
            batches.rewind();
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
            batches.expect(current.bytesNear(index));
            return walkFrom(current.positionBefore(index), index, ANY_TIME);
        } catch (AppendException e) {
            if (e.code() != Code.NOT_FOUND) {
                throw e;
            }
            // The file had to be opened again and was gone.
            segments.drop(current);
            current = null;
            return false;
        }
    }

    /**
     * Walks from {@code start} if that is right for {@code index}, else from the first batch, to
     * the first batch that has an entry after {@code index} or was made at {@code timeNs}.
     */
    private boolean walkFrom(long start, long index, long timeNs) {
        boolean isRight =
                batches.read(start)
                        && batches.baseIndex() <= index
                        && current.segment().keeps(batches);
        holePosition = isRight ? start : SegmentDescriptor.HEADER_BYTES;
        holeIndex = isRight ? batches.baseIndex() : current.segment().header().baseIndex();
        return walkOn(index, timeNs);
    }

    /** As {@link #walkFrom}, from where the last walk stopped. */
    private boolean walkOn(long index, long timeNs) {
        while (isAtHole() && batches.baseIndex() == holeIndex && current.segment().keeps(batches)) {
            current.points().add(holeIndex, holePosition);
            boolean isInTime = timeNs != ANY_TIME && batches.timestampNs() >= timeNs;
            if (batches.nextIndex() > index || isInTime) {
                return true;
            }
            holePosition = batches.endPosition();
            holeIndex = batches.nextIndex();
        }
        return false;
    }

    /** Whether a batch stands where the walk is; it may be the current one already. */
    private boolean isAtHole() {
        return batches.position() == holePosition || batches.read(holePosition);
    }

    /**
     * There is no unbroken way to {@code index}: it may lie behind damage, be lost, or not be
     * written.
     */
    private void findBehindDamage(long index) {
        ListedSegment segment = view.holding(index);
        if (segment == null || !use(segment)) {
            throw absent(index);
        }
        holes.begin();
        int at = view.listing().placeOf(segment.number());
        boolean isThere = walkFrom(SegmentDescriptor.HEADER_BYTES, index, ANY_TIME);
        while (!isThere || !goTo(index)) {
            HoleFinding finding =
                    holes.search(
                            view.listing(),
                            at,
                            current.file(),
                            holePosition,
                            holeIndex,
                            current.sparse());
            if (!finding.isDamage() || finding.isOutdated() || !view.isThere(segment)) {
                throw absent(index);
            }
            long stoppedAt = holePosition;
            isThere = walkOn(index, ANY_TIME);
            if (isThere || holePosition > stoppedAt) {
                // It was being written.
                continue;
            }
            if (finding.resumeAt() != at || finding.resumeIndex() > index) {
                throw finding.damage(view.directory(), view.listing(), at, holePosition, holeIndex)
                        .exception();
            }
            holePosition = finding.resumePosition();
            holeIndex = finding.resumeIndex();
            isThere = walkOn(index, ANY_TIME);
        }
    }

    /** What to throw where an entry is not found, by the directory as it is now. */
    private AppendException absent(long index) {
        refresh();
        holes.begin();
        AppendException missing = index < view.firstIndex() ? view.missing(index, holes) : null;
        return missing == null ? notWritten(view, index) : missing;
    }

    /** The last entry to which there is an unbroken way, first index - 1 if there is none. */
    long lastIndex() {
        checkTruncations();
        long nextIndex = -1;
        for (int i = 0; i < TRIES && nextIndex < 0; i++) {
            refresh();
            nextIndex = nextIndex();
        }
        return Math.max(nextIndex, view.firstIndex()) - 1;
    }

    /**
     * Index after the last entry to which there is an unbroken way, -1 if a file went meanwhile.
     */
    private long nextIndex() {
        ListedSegment last = null;
        long nextIndex = view.firstIndex();
        for (int at = view.listing().segments().size() - 1; at >= 0; at--) {
            ListedSegment segment = view.listing().segments().get(at);
            if (segment.isActive()) {
                walk(segment, Long.MAX_VALUE - 1);
                if (current == null) {
                    return -1;
                }
                if (last == null || holeIndex != last.header().baseIndex()) {
                    nextIndex = holeIndex;
                } else if (current.sparse() != null) {
                    break;
                }
                last = segment;
            }
        }
        return nextIndex;
    }

    /**
     * The first entry of the first batch made at or after {@code timeNs}, or the next to be
     * written; {@link LogDamage#UNKNOWN} for the first of the log, which who goes there has to find
     * out.
     */
    long indexAtTime(long timeNs) {
        checkTruncations();
        ListedSegment segment = lastBegunBefore(timeNs);
        for (int i = 1; i < TRIES && isProbeGone; i++) {
            refresh();
            segment = lastBegunBefore(timeNs);
        }
        if (segment == null || !use(segment)) {
            return LogDamage.UNKNOWN;
        }
        SparseIndex sparse = current.sparse();
        walkFrom(
                sparse == null ? SegmentDescriptor.HEADER_BYTES : sparse.positionBeforeTime(timeNs),
                Long.MAX_VALUE - 1,
                timeNs);
        return holeIndex;
    }

    /** By bisection; a segment that doesn't tell when it was begun is passed over. */
    private ListedSegment lastBegunBefore(long timeNs) {
        isProbeGone = false;
        List<ListedSegment> filled = view.listing().filled();
        ListedSegment older = null;
        int low = 0;
        int high = filled.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int probe = middle;
            while (probe >= low && !hasTime(filled.get(probe))) {
                probe--;
            }
            if (probe >= low && batches.timestampNs() >= timeNs) {
                high = probe - 1;
            } else {
                older = probe < low ? older : filled.get(probe);
                low = middle + 1;
            }
        }
        return older;
    }

    private boolean hasTime(ListedSegment segment) {
        boolean isThere = use(segment);
        isProbeGone |= !isThere;
        return isThere && batches.read(SegmentDescriptor.HEADER_BYTES);
    }

    /** Turns {@link #batches} to the segment; false if its file is gone. */
    private boolean use(ListedSegment segment) {
        KnownSegment known = segments.use(segment);
        if (known == null) {
            current = null;
            return false;
        }
        if (known != current || known.file() != currentFile) {
            current = known;
            currentFile = known.file();
            batches.open(currentFile, segment.header());
        }
        return true;
    }

    private void refresh() {
        view.refresh();
        segments.dropOutdated();
        current = null;
    }

    // ---- reading ahead ----

    /** Asks {@code target} for what {@link #find} will want for entry {@code index}. */
    void request(long index, ReadAhead target) {
        checkTruncations();
        ListedSegment segment = view.holding(index);
        try {
            KnownSegment known = segment == null ? null : segments.use(segment);
            if (known != null) {
                request(known, index, target);
            }
        } catch (AppendException e) {
            // What is wrong the ordinary read will tell, after it has read what comes before.
        }
    }

    private static void request(KnownSegment known, long index, ReadAhead target) {
        KnownBatch batch = known.batches().find(index);
        if (batch != null) {
            int piece = batch.pieceOf(index);
            target.request(known.file(), batch.positionOf(piece), batch.bytesOf(piece));
        } else {
            target.request(known.file(), known.positionBefore(index), known.bytesNear(index));
        }
    }

    /** From now on files are read from {@code target} as far as that goes; null: no longer. */
    void look(ReadAhead target) {
        segments.look(target);
    }

    @Override
    public void close() {
        segments.close();
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
