package org.sluice.appender;

import org.sluice.appender.LogAnalysis.LiveSegment;
import org.sluice.store.AppendException;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.SparseIndexBuilder;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.file.Path;

/**
 * Walks the segments of a log in order and finds out where it ends, and whether it is damaged
 * before that. Changes nothing; {@link Recovery}, {@link LogVerifier}, {@link LogInfo} and {@link
 * LogRepair} act on what it found.
 *
 * <p>Design note: there is one rule, applied at every place where the run of batches stops: if the
 * next segment begins with the entry expected, the segment is over; else {@link HoleSearch} decides
 * between damage and the log's end.
 *
 * <p>One thread; use once.
 */
final class LogAnalyzer {

    private static final long PROGRESS_BYTES = 8L << 20;

    private final StoreDirectory directory;
    private final AnalysisMode mode;
    private final VerifyProgress progress;
    private final LogListing listing;
    private final LogAnalysis analysis;
    private final HoleSearch holes;
    private final BatchReader batches;
    private final long bytesTotal;

    /** Entry that comes next, {@link LogDamage#UNKNOWN} if any may. */
    private long index = LogDamage.UNKNOWN;

    /** Place in the listing before which nothing needs to be looked at any more. */
    private int resumeAt;

    private boolean isOver;
    private long bytesBefore;
    private long bytesReported;

    // The segment being walked.
    private long position;
    private long lastTimeNs;
    private SparseIndexBuilder points;

    private LogAnalyzer(StoreDirectory directory, AnalysisMode mode, VerifyProgress progress) {
        this.directory = directory;
        this.mode = mode;
        this.progress = progress;
        listing = LogListing.read(directory);
        analysis = new LogAnalysis(listing);
        holes = new HoleSearch(directory);
        batches = new BatchReader(listing.bufferBytes());
        bytesTotal = listing.fileBytes();
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
            bytesBefore += segment.fileBytes();
            report(bytesBefore);
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
            addUnsearchable(segment, 0, next == 0 ? LogDamage.UNKNOWN : next - 1, e);
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
                addSealed(segment, file, sparse);
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

    private void addSealed(ListedSegment segment, StoreFile file, SparseIndex sparse) {
        batches.open(file, segment.header());
        if (analysis.firstTimeNs == 0 && batches.read(SegmentDescriptor.HEADER_BYTES)) {
            analysis.firstTimeNs = batches.timestampNs();
        }
        position = sparse.endPosition();
        index = sparse.nextIndex();
        lastTimeNs = sparse.lastTimeNs();
        points = null;
        addLive(segment, true);
    }

    private void addLive(ListedSegment segment, boolean isSealed) {
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

    private void walk(int at, ListedSegment segment, StoreFile file, SparseIndex sparse) {
        batches.open(file, segment.header());
        position = SegmentDescriptor.HEADER_BYTES;
        lastTimeNs = 0;
        // A mark in an earlier segment is of an earlier close, and says nothing of this one.
        analysis.isClosed = false;
        // Only who opens the log builds indexes; for others they would pile up.
        points =
                mode.isForOpening()
                        ? SparseIndexBuilder.growing(segment.header().segmentBytes())
                        : null;
        boolean isWhole = true;
        walkBatches(segment);
        ListedSegment following = listing.nextActive(at);
        while (!isContinuedBy(following)) {
            HoleFinding finding = search(at, segment, file, sparse);
            if (finding == null) {
                addLive(segment, false);
                return;
            }
            if (finding.isDamage() && mode.isLive() && isGone(segment)) {
                index = LogDamage.UNKNOWN;
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
            if (!mode.isLive() || !hasNext(segment)) {
                isWhole = false;
                addDamage(finding.damage(directory, listing, at, position, index));
                analysis.proofNumber = finding.proofNumber();
                if (isOver || finding.resumeAt() != at) {
                    addLive(segment, isSealed(segment, sparse));
                    skipTo(finding.resumeAt());
                    return;
                }
                position = finding.resumePosition();
                index = finding.resumeIndex();
            }
            walkBatches(segment);
        }
        boolean isSealed = addWalked(segment, sparse, isWhole);
        if (isSealed && isWhole && following == null && !hasSuccessor(segment)) {
            addMissingSuccessor(segment);
        }
    }

    /** Null if the search was given up, which is damage then. */
    private HoleFinding search(int at, ListedSegment segment, StoreFile file, SparseIndex sparse) {
        try {
            return holes.search(listing, at, file, position, index, sparse);
        } catch (AppendException e) {
            addUnsearchable(segment, position, LogDamage.UNKNOWN, e);
            isOver = true;
            return null;
        }
    }

    /**
     * Damage that nobody can tell the end of, as the search was given up; only who would write is
     * refused for it.
     */
    private void addUnsearchable(ListedSegment segment, long at, long last, AppendException e) {
        if (mode.isForOpening() || e.code() != AppendException.Code.CORRUPT) {
            throw e;
        }
        addDamage(segment, at, at == 0 ? LogDamage.UNKNOWN : index, last, e.getMessage());
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
        boolean isSealed = isSealed(segment, sparse);
        boolean isMeant = sparse != null && sparse.nextIndex() <= segment.limitIndex();
        addLive(segment, isSealed);
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

    /** Whether its sparse index fits the batches walked. */
    private boolean isSealed(ListedSegment segment, SparseIndex sparse) {
        // Behind the last entry that a truncation left, the mark of an orderly close is void.
        boolean isCutHere = segment.limitIndex() == index;
        return sparse != null
                && sparse.nextIndex() == index
                && (isCutHere
                        || (sparse.endPosition() == position && sparse.lastTimeNs() == lastTimeNs));
    }

    /**
     * Whether there is a file that was, or may have been, begun behind a sealed segment. One that
     * is only prepared may have lost the header that said so, under a policy of NEVER.
     */
    private boolean hasSuccessor(ListedSegment segment) {
        // It may have been sealed, or removed, since the directory was listed.
        LogListing now = mode.isLive() ? LogListing.read(directory) : listing;
        if (mode.isLive() && isGone(segment)) {
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

    /** A segment is sealed when another was begun behind it, and unsealed to be gone on in. */
    private void addMissingSuccessor(ListedSegment segment) {
        addDamage(
                segment,
                position,
                index,
                LogDamage.UNKNOWN,
                "it is sealed, so another segment was begun behind it, which is missing");
    }

    /** Goes on as long as each batch continues the one before. */
    private void walkBatches(ListedSegment segment) {
        while (hasNext(segment)) {
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
            report(bytesBefore + position);
        }
    }

    private boolean hasNext(ListedSegment segment) {
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

    /** Whether retention has taken the segment since it was listed. */
    private boolean isGone(ListedSegment segment) {
        ListedSegment now = LogListing.readSegment(directory, segment.name(), segment.number());
        return now == null || !segment.header().equals(now.header());
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

    private void report(long bytesDone) {
        if (bytesDone - bytesReported >= PROGRESS_BYTES || bytesDone == bytesTotal) {
            bytesReported = bytesDone;
            progress.onProgress(Math.min(bytesDone, bytesTotal), bytesTotal);
        }
    }
}
