package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.file.Path;

/**
 * Goes through the segments of a log in order and finds out where it ends, and whether it is
 * damaged before that; {@link SegmentWalk} goes through each one's batches. Changes nothing; {@link
 * Recovery}, {@link LogVerifier}, {@link LogInfo} and {@link LogRepair} act on what it found.
 *
 * <p>Design note: there is one rule, applied at every place where the run of batches stops: if the
 * next segment begins with the entry expected, the segment is over; else {@link HoleSearch} decides
 * between damage and the log's end.
 *
 * <p>One thread; use once.
 */
final class LogAnalyzer {
    private final StoreDirectory directory;
    private final AnalysisMode mode;
    private final LogListing listing;
    private final LogAnalysis analysis;
    private final HoleSearch holes;
    private final ReadProgress progress;
    private final SegmentWalk walk;

    /** Entry that comes next, {@link LogDamage#UNKNOWN} if any may. */
    private long index = LogDamage.UNKNOWN;

    /** Place in the listing before which nothing needs to be looked at any more. */
    private int resumeAt;

    private boolean isOver;

    private LogAnalyzer(StoreDirectory directory, AnalysisMode mode, VerifyProgress listener) {
        this.directory = directory;
        this.mode = mode;
        listing = LogListing.read(directory);
        analysis = new LogAnalysis(listing);
        holes = new HoleSearch(directory);
        progress = new ReadProgress(listener, listing.fileBytes());
        walk = new SegmentWalk(mode, analysis, progress);
    }

    /**
     * Analyzes the log in {@code directory}.
     *
     * @throws AppendException NEWER_FORMAT, NOT_A_LOG, or what reading the files fails with; damage
     *     is in the result instead
     */
    static LogAnalysis analyze(
            StoreDirectory directory, AnalysisMode mode, VerifyProgress progress) {
        return new LogAnalyzer(directory, mode, progress).run();
    }

    private LogAnalysis run() {
        for (int at = 0; at < listing.segments().size() && !isOver; at++) {
            ListedSegment segment = listing.segments().get(at);
            if (at >= resumeAt) {
                look(at, segment);
            }
            progress.onSegment(segment.fileBytes());
        }
        if (analysis.live.isEmpty()) {
            analysis.firstIndex = 0;
            analysis.nextIndex = 0;
        } else {
            analysis.nextIndex = analysis.tail().nextIndex();
        }
        return analysis;
    }

    private void look(int at, ListedSegment segment) {
        switch (segment.state()) {
            case ACTIVE -> active(at, segment);
            case MISPLACED -> misplaced(at, segment);
            case UNREADABLE, PREPARED -> {
                // Behind another segment it is met again when entries are missing there.
                if (analysis.live.isEmpty()) {
                    leading(at, segment);
                } else if (segment.fault() != null) {
                    // No entry is missing here, but it may say that others are void.
                    addDamage(segment, 0, index, index - 1, segment.fault());
                }
            }
            case VOID -> {}
        }
    }

    private void leading(int at, ListedSegment segment) {
        try {
            addDamage(holes.leadingDamage(listing, at));
        } catch (AppendException e) {
            ListedSegment following = listing.nextActive(at);
            long next = following == null ? 0 : following.header().baseIndex();
            long last = next == 0 ? LogDamage.UNKNOWN : next - 1;
            addUnsearchable(segment, 0, LogDamage.UNKNOWN, last, e);
        }
    }

    private void misplaced(int at, ListedSegment segment) {
        ListedSegment following = listing.nextActive(at);
        long next = following == null ? LogDamage.UNKNOWN : following.header().baseIndex();
        long first = index == LogDamage.UNKNOWN && next == 0 ? 0 : index;
        long last = next == LogDamage.UNKNOWN ? LogDamage.UNKNOWN : Math.max(next, first) - 1;
        addDamage(segment, 0, first, last, segment.fault());
        index = LogDamage.UNKNOWN;
    }

    private void active(int at, ListedSegment segment) {
        SegmentDescriptor.Header header = segment.header();
        if (index != LogDamage.UNKNOWN && header.baseIndex() < index) {
            addDamage(
                    segment,
                    0,
                    index,
                    index - 1,
                    "it begins with entry "
                            + header.baseIndex()
                            + ", which stands before it already");
            return;
        }
        index = header.baseIndex();
        try (StoreFile file = directory.openForReading(segment.name())) {
            SparseIndex sparse = SparseIndex.readIfReadable(file, header);
            if (mode.trustsIndexes() && isTrue(at, segment, sparse)) {
                walk.passOver(segment, file, sparse);
                walk.addToLog(true);
                index = walk.index();
            } else {
                walk(at, segment, file, sparse);
            }
        } catch (AppendException e) {
            if (!mode.isLive() || e.code() != AppendException.Code.NOT_FOUND) {
                throw e;
            }
            index = LogDamage.UNKNOWN;
        }
    }

    /** Whether a segment's sparse index agrees with where the next segment begins. */
    private boolean isTrue(int at, ListedSegment segment, SparseIndex sparse) {
        if (sparse == null || sparse.nextIndex() > segment.limitIndex()) {
            return false;
        }
        ListedSegment following = listing.nextActive(at);
        // Behind the last one a search is due, so it is walked to its end.
        return following != null && following.header().baseIndex() == sparse.nextIndex();
    }

    private void walk(int at, ListedSegment segment, StoreFile file, SparseIndex sparse) {
        walk.begin(segment, file);
        boolean isWhole = true;
        goOn();
        ListedSegment following = listing.nextActive(at);
        while (!isContinuedBy(following)) {
            HoleFinding finding = search(at, segment, file, sparse);
            if (finding == null) {
                walk.addToLog(false);
                return;
            }
            if (finding.isDamage() && mode.isLive() && isGone(segment)) {
                index = LogDamage.UNKNOWN;
                return;
            }
            if (finding.isDamage() && mode.isLive() && isCutByNow(segment)) {
                walk.addToLog(false);
                isOver = true;
                return;
            }
            if (mode.isLive() && finding.isOutdated()) {
                isOver = true;
                break;
            }
            if (!finding.isDamage()) {
                analysis.tornBytes = finding.tornBytes();
                isOver = true;
                break;
            }
            if (!mode.isLive() || !walk.hasNext()) {
                isWhole = false;
                addDamage(finding.damage(directory, listing, at, walk.position(), index));
                analysis.proofNumber = finding.proofNumber();
                if (isOver || finding.resumeAt() != at) {
                    walk.addToLog(walk.isSealedBy(sparse));
                    skipTo(finding.resumeAt());
                    return;
                }
                walk.resumeAt(finding.resumePosition(), finding.resumeIndex());
            }
            goOn();
        }
        boolean isSealed = addWalked(segment, sparse, isWhole);
        if (isSealed && isWhole && following == null && !hasSuccessor(segment)) {
            addMissingSuccessor(segment);
        }
    }

    private void goOn() {
        walk.goOn();
        index = walk.index();
    }

    /** Null if the search was given up, which is damage then. */
    private HoleFinding search(int at, ListedSegment segment, StoreFile file, SparseIndex sparse) {
        try {
            return holes.search(listing, at, file, walk.position(), index, sparse);
        } catch (AppendException e) {
            addUnsearchable(segment, walk.position(), index, LogDamage.UNKNOWN, e);
            isOver = true;
            return null;
        }
    }

    /**
     * Damage that nobody can tell the end of, as the search was given up; only who would write is
     * refused for it.
     */
    private void addUnsearchable(
            ListedSegment segment, long at, long first, long last, AppendException e) {
        if (mode.isForOpening() || e.code() != AppendException.Code.CORRUPT) {
            throw e;
        }
        addDamage(segment, at, first, last, e.getMessage());
    }

    private boolean isContinuedBy(ListedSegment following) {
        return following != null && following.header().baseIndex() == index;
    }

    private void skipTo(int at) {
        resumeAt = at;
        index = LogDamage.UNKNOWN;
        isOver |= at < 0;
    }

    /** Adds it to the log, and says whether it is sealed. */
    private boolean addWalked(ListedSegment segment, SparseIndex sparse, boolean isWhole) {
        boolean isSealed = walk.isSealedBy(sparse);
        boolean isMeant = sparse != null && sparse.nextIndex() <= segment.limitIndex();
        walk.addToLog(isSealed);
        if (isWhole && isMeant && !isSealed && !mode.trustsIndexes()) {
            addDamage(
                    segment,
                    segment.header().indexPosition(),
                    index,
                    index - 1,
                    "its sparse index does not fit its batches");
        }
        return isSealed;
    }

    /**
     * Whether there is a file that was, or may have been, begun behind a sealed segment. One that
     * is only prepared may have lost the header that said so, under a policy of NEVER.
     */
    private boolean hasSuccessor(ListedSegment segment) {
        // It may have been sealed, or removed, since the directory was listed.
        LogListing now = mode.isLive() ? LogListing.read(directory) : listing;
        if (mode.isLive() && (isGone(segment) || !isSealedNow(segment))) {
            return true;
        }
        for (ListedSegment other : now.segments().reversed()) {
            boolean isEmpty =
                    other.state() == ListedSegment.State.UNREADABLE && !other.isUnreadable();
            if (other.number() > segment.number() && !isEmpty) {
                return true;
            }
        }
        return false;
    }

    /** Whoever opens the log unseals its last segment first, and then deletes what is behind it. */
    private boolean isSealedNow(ListedSegment segment) {
        try (StoreFile file = directory.openForReading(segment.name())) {
            return walk.isSealedBy(SparseIndex.readIfReadable(file, segment.header()));
        }
    }

    /** A segment is sealed when another was begun behind it, and unsealed to be gone on in. */
    private void addMissingSuccessor(ListedSegment segment) {
        addDamage(
                segment,
                walk.position(),
                index,
                LogDamage.UNKNOWN,
                "it is sealed, so another segment was begun behind it, which is missing");
    }

    /** Whether retention has taken the segment since it was listed. */
    private boolean isGone(ListedSegment segment) {
        ListedSegment now = LogListing.readSegment(directory, segment.name(), segment.number());
        return now == null || !segment.header().equals(now.header());
    }

    /** Whether a truncation has made void what comes next since the directory was listed. */
    private boolean isCutByNow(ListedSegment segment) {
        ListedSegment now = listing.refreshed(directory).find(segment.number());
        return now != null && now.limitIndex() <= index && now.limitIndex() < segment.limitIndex();
    }

    private void addDamage(
            ListedSegment segment, long at, long first, long last, String description) {
        boolean isUnreadable = segment.state() == ListedSegment.State.UNREADABLE;
        Path file = directory.path().resolve(segment.name());
        addDamage(new LogDamage(file, at, first, last, description, isUnreadable));
    }

    private void addDamage(LogDamage damage) {
        if (damage != null) {
            if (analysis.damages.size() < LogAnalysis.DAMAGES_MAX) {
                analysis.damages.add(damage);
            } else {
                analysis.moreDamages++;
            }
            isOver |= mode.stopsAtDamage();
        }
    }
}
