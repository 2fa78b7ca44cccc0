package org.sluice.appender;

import org.agrona.concurrent.NanoClock;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.StoreFile;

import java.util.function.LongSupplier;

/**
 * Steps through the batches of a log in order, from segment to segment, while it is being written,
 * truncated and retained by others.
 *
 * <p>Design note: the ordinary step is one read at a known position. Only when no batch stands
 * there is anything else looked at, in this order: whether the next segment begins with the entry
 * expected; whether the directory has changed; whether this is damage. The last two cost, so they
 * are not done at every step of a reader that waits at the end of a live log, but at intervals that
 * double while it waits: the directory within {@link #REFRESH_NS_MAX}, the search for proof of
 * damage when the reader first comes to an end and then after {@link #SEARCH_NS_MIN} at the
 * earliest.
 *
 * <p>One thread.
 */
final class BatchCursor implements AutoCloseable {
    private static final long REFRESH_NS_MIN = 2_000_000;
    private static final long REFRESH_NS_MAX = 64_000_000;
    private static final long SEARCH_NS_MIN = 1_000_000_000;
    private static final int ENTER_TRIES_MAX = 3;

    /** A search is followed by this many times its own time without one. */
    private static final long SEARCH_SHARE = 50;

    private final LogView view;
    private final LongSupplier truncations;
    private final NanoClock clock;
    private final HoleSearch holes;
    private final BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);

    /** The entry wanted next, {@link LogDamage#UNKNOWN} for the first of a log not yet written. */
    private long wantedIndex;

    private ListedSegment segment;
    private StoreFile file;

    /** The segment that was read last; what came from it may be void by now. Null after a seek. */
    private ListedSegment origin;

    /** Where the next batch should be, and the index it should begin with. */
    private long position;

    private long batchIndex;

    private long truncationsSeen;
    private LogDamage damage;
    private long refreshDueNs;
    private long refreshedNs;
    private long refreshNs = REFRESH_NS_MIN;
    private long searchDueNs;
    private long searchNs;

    /**
     * @param truncations counts truncations by this process, so that nothing read ahead before one
     *     is taken for new
     */
    BatchCursor(LogView view, LongSupplier truncations, NanoClock clock) {
        this.view = view;
        this.truncations = truncations;
        this.clock = clock;
        this.holes = new HoleSearch(view.directory());
        truncationsSeen = truncations.getAsLong();
        seek(LogDamage.UNKNOWN);
    }

    /** The current batch, after {@link #next} was true. */
    BatchReader batches() {
        return batches;
    }

    /** The entry wanted next. */
    long wantedIndex() {
        return wantedIndex;
    }

    /** The caller has taken what it wanted up to here. */
    void taken(long nextIndex) {
        wantedIndex = nextIndex;
    }

    /** Goes on with {@code index}, wherever that is. */
    void seek(long index) {
        leave();
        origin = null;
        wantedIndex = index;
        damage = null;
        lookSoon();
    }

    /** Nothing is known of what comes: at its end the directory and the rest are looked at. */
    private void lookSoon() {
        long nowNs = clock.nanoTime();
        refreshDueNs = nowNs;
        refreshedNs = nowNs - REFRESH_NS_MIN;
        refreshNs = REFRESH_NS_MIN;
        searchDueNs = nowNs;
        searchNs = SEARCH_NS_MIN;
    }

    /** Throws if {@code index} lies before the first entry kept, as far as the view shows. */
    void checkKept(long index) {
        if (index < view.firstIndex()) {
            holes.begin();
            AppendException thrown = view.missing(index, holes);
            if (thrown != null) {
                throw thrown;
            }
        }
    }

    /**
     * Whether entries read ahead may be void by now; the wanted one must then be stepped to anew.
     */
    boolean isOutdated() {
        return truncations.getAsLong() != truncationsSeen;
    }

    /**
     * Steps to the batch that holds the wanted entry.
     *
     * @return false if it is not written yet
     * @throws AppendException CORRUPT, INDEX_TRUNCATED, IO
     */
    boolean next() {
        if (isOutdated()) {
            checkTruncation();
        }
        holes.begin();
        int entered = 0;
        while (true) {
            if (segment == null) {
                if (++entered > ENTER_TRIES_MAX || !enter()) {
                    return false;
                }
            } else if (readNext()) {
                position = batches.endPosition();
                batchIndex = batches.nextIndex();
                // A log that comes to life after a pause may soon go on in its next segment.
                refreshDueNs = refreshedNs + REFRESH_NS_MIN;
                refreshNs = REFRESH_NS_MIN;
                searchNs = SEARCH_NS_MIN;
                if (batchIndex > wantedIndex) {
                    return true;
                }
            } else if (segment != null && !findOn()) {
                return false;
            }
        }
    }

    /** Whether the batch expected stands at {@link #position}. */
    private boolean readNext() {
        try {
            return batches.read(position)
                    && batches.baseIndex() == batchIndex
                    && segment.keeps(batches);
        } catch (AppendException e) {
            loseIfGone(e);
            return false;
        }
    }

    /** Throws what reading failed with, unless the file had to be opened again and was gone. */
    private void loseIfGone(AppendException e) {
        if (e.code() != Code.NOT_FOUND) {
            throw e;
        }
        view.refresh();
        lose();
    }

    // ---- where the run of batches stops ----

    /** Finds where the log goes on; false if nowhere yet. */
    private boolean findOn() {
        if (enterFollowing()) {
            return true;
        }
        long nowNs = clock.nanoTime();
        if (nowNs - refreshDueNs < 0) {
            return false;
        }
        putOffRefresh(nowNs);
        view.refresh();
        ListedSegment now = view.listing().find(segment.number());
        if (now == null || !now.isActive() || !now.header().equals(segment.header())) {
            lose();
            return true;
        }
        segment = now;
        if (now.limitIndex() < batchIndex) {
            lose();
            return true;
        }
        // Without a segment, reading has found its file gone.
        return enterFollowing() || readNext() || segment == null || findDamage(nowNs);
    }

    private void putOffRefresh(long nowNs) {
        refreshedNs = nowNs;
        refreshDueNs = nowNs + refreshNs;
        refreshNs = Math.min(refreshNs * 2, REFRESH_NS_MAX);
    }

    private boolean enterFollowing() {
        ListedSegment following = view.after(segment);
        if (following == null || following.header().baseIndex() != batchIndex) {
            return false;
        }
        checkOrigin();
        StoreFile followingFile = view.open(following);
        if (followingFile == null) {
            // Gone, and this one perhaps with it, or cut off: that is to be seen first.
            refreshDueNs = clock.nanoTime();
            return false;
        }
        turnTo(following, followingFile, batchIndex);
        return true;
    }

    /**
     * Throws if the wanted entry is proven to be lost; true if the batch came meanwhile, or if
     * there is a way on that reaches it; false if this is the end.
     */
    private boolean findDamage(long nowNs) {
        if (damage == null && nowNs - searchDueNs < 0) {
            return false;
        }
        int at = view.listing().placeOf(segment.number());
        SparseIndex sparse = SparseIndex.readIfReadable(file, segment.header());
        HoleFinding finding = holes.search(view.listing(), at, file, position, batchIndex, sparse);
        long searchedNs = clock.nanoTime();
        searchDueNs = searchedNs + Math.max(searchNs, SEARCH_SHARE * (searchedNs - nowNs));
        searchNs *= 2;
        if (finding.isOutdated()) {
            damage = null;
            refreshDueNs = nowNs;
            return false;
        }
        if (!finding.isDamage() || readNext()) {
            damage = null;
            return finding.isDamage();
        }
        if (segment == null || !view.isThere(segment)) {
            view.refresh();
            lose();
            return true;
        }
        if (finding.resumeAt() == at && finding.resumeIndex() <= wantedIndex) {
            // What is wanted lies behind the damage.
            position = finding.resumePosition();
            batchIndex = finding.resumeIndex();
            lookSoon();
            return true;
        }
        damage = finding.damage(view.directory(), view.listing(), at, position, batchIndex);
        refreshDueNs = nowNs;
        throw damage.exception();
    }

    // ---- segments ----

    /** The segment read is no more: retention took it, or a truncation voided it. */
    private void lose() {
        leave();
        checkOrigin();
    }

    /** Throws if a truncation has made void what the wanted entry would come after. */
    private void checkOrigin() {
        long newIndex =
                origin == null
                        ? Long.MAX_VALUE
                        : view.truncatedAfter(origin, batchIndex, wantedIndex);
        if (newIndex < wantedIndex) {
            AppendException thrown = view.truncatedAt(newIndex, wantedIndex);
            seek(newIndex);
            throw thrown;
        }
    }

    private void checkTruncation() {
        long seen = truncations.getAsLong();
        view.refresh();
        truncationsSeen = seen;
        lose();
    }

    /** Goes to the segment that holds the wanted entry; false if there is none yet. */
    private boolean enter() {
        if (view.first() == null) {
            return findFirst();
        }
        if (wantedIndex == LogDamage.UNKNOWN) {
            checkLeading();
            wantedIndex = view.firstIndex();
        }
        if (wantedIndex < view.firstIndex()) {
            AppendException thrown = view.missing(wantedIndex, holes);
            if (thrown != null && thrown.code() == Code.INDEX_TRUNCATED) {
                seek(view.firstIndex());
            }
            if (thrown != null) {
                throw thrown;
            }
        }
        ListedSegment target = view.holding(wantedIndex);
        open(target, target.header().baseIndex());
        if (segment != null) {
            skipTowardsWanted();
        }
        return true;
    }

    private void skipTowardsWanted() {
        try {
            SparseIndex sparse = SparseIndex.readIfReadable(file, segment.header());
            long start = sparse == null ? position : sparse.positionBefore(wantedIndex);
            if (start > position && batches.read(start) && batches.baseIndex() <= wantedIndex) {
                position = start;
                batchIndex = batches.baseIndex();
            }
        } catch (AppendException e) {
            loseIfGone(e);
        }
    }

    /** Turns to the beginning of a segment, unless it is gone. */
    private void open(ListedSegment target, long firstIndex) {
        checkOrigin();
        StoreFile opened = view.open(target);
        if (opened == null) {
            view.refresh();
        } else {
            turnTo(target, opened, firstIndex);
        }
    }

    private void turnTo(ListedSegment target, StoreFile opened, long firstIndex) {
        leave();
        file = opened;
        segment = target;
        origin = target;
        batches.open(opened, target.header());
        position = SegmentDescriptor.HEADER_BYTES;
        batchIndex = firstIndex;
    }

    private boolean findFirst() {
        long nowNs = clock.nanoTime();
        if (nowNs - refreshDueNs < 0) {
            return false;
        }
        putOffRefresh(nowNs);
        view.refresh();
        if (view.first() == null && nowNs - searchDueNs >= 0) {
            searchDueNs = nowNs + searchNs;
            searchNs *= 2;
            checkLeading();
        }
        return view.first() != null;
    }

    /** A log whose first segments can't be read must not look like one that begins later. */
    private void checkLeading() {
        LogDamage leading = view.leadingDamage(holes);
        if (leading != null) {
            searchDueNs = clock.nanoTime();
            refreshDueNs = searchDueNs;
            throw leading.exception();
        }
    }

    private void leave() {
        if (file != null) {
            file.close();
            file = null;
        }
        segment = null;
    }

    @Override
    public void close() {
        leave();
    }
}
