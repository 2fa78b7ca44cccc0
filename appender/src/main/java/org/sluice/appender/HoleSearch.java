package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.BatchReader;
import org.sluice.store.FileFaults;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

/**
 * Tells a torn tail from lost data. Where the run of batches stops, at position P with entry n
 * expected, everything behind is searched for something that was written only once n was durable: a
 * batch whose durable index is n or more, a sealed segment, a truncation beyond n. If there is one,
 * n was lost; if there is none, n was never acknowledged as far as the disk can tell, and the log
 * ends here.
 *
 * <p>Bounded memory; time of one pass over the rest of the log at most, and of a few for all holes
 * of a log together: see {@link HoleMemory}. Reads only. One thread.
 */
final class HoleSearch {
    private final StoreDirectory directory;
    private LogListing listing;

    /** Made when first needed: most logs end without a hole. */
    private BatchReader batches;

    /** Made with the first hole. */
    private HoleMemory memory;

    // The hole and what was found behind it.
    private long number;
    private long position;
    private long index;
    private HoleProof evidence;
    private HoleProof unreadable;
    private int brokenAt;
    private int resumeAt;
    private long resumePosition;
    private long resumeIndex;
    private long seenIndex;
    private long tornBytes;
    private boolean isOutdated;

    HoleSearch(StoreDirectory directory) {
        this.directory = directory;
    }

    /** Forgets the holes so far: what follows is about another, or about a log that has grown. */
    void begin() {
        memory = null;
    }

    /**
     * Searches behind {@code position} of the active segment at place {@code at} of the listing.
     *
     * @param index of the entry that should be at {@code position}
     * @param sparse the segment's own sparse index, null if it has none
     */
    HoleFinding search(
            LogListing listing,
            int at,
            StoreFile file,
            long position,
            long index,
            SparseIndex sparse) {
        ListedSegment segment = listing.segments().get(at);
        reset(listing, segment.number(), position, index, file.size());
        if (sparse != null && sparse.nextIndex() > index) {
            evidence =
                    own(
                            "its sparse index proves that entries up to "
                                    + (sparse.nextIndex() - 1)
                                    + " were whole");
            seenIndex = sparse.nextIndex() - 1;
        }
        searchOwn(at, segment, file, position, sparse);
        for (int i = at + 1; i < listing.segments().size() && !isDecided(); i++) {
            searchLater(i, listing.segments().get(i));
        }
        if (evidence == null) {
            memory.keepUnproven(index);
        }
        return finding();
    }

    /** Whether it is known that this is damage, why as far as can be known, and where to go on. */
    private boolean isDecided() {
        return resumeAt >= 0
                && (evidence != null || (unreadable != null && memory.isUnproven(index)));
    }

    private void searchOwn(
            int at, ListedSegment segment, StoreFile file, long position, SparseIndex sparse) {
        if (sparse == null) {
            // Only to note whether it is missing because its place can't be read.
            readIndex(segment, file);
        }
        batches.open(file, segment.header());
        boolean isThere = batches.read(position);
        noteUnreadable(segment);
        if (isThere && batches.baseIndex() == index && segment.keeps(batches)) {
            // It could not be read before, or was written meanwhile; then the caller finds it.
            noteUnreadable(segment, position, "it could not at first");
        } else if (isThere) {
            evidence =
                    own(
                            batches.baseIndex() == index
                                    ? "the batch there ends behind a truncation to entry "
                                            + segment.limitIndex()
                                    : "the batch there begins with entry " + batches.baseIndex());
        }
        long from = position;
        while (!isDecided() && (from = next(segment, from)) >= 0) {
            if (segment.keeps(batches)) {
                // Nothing but a batch without entries fits between; it was durable before this one.
                see(segment, batches.baseIndex() == index && from > position);
                if (from > position || batches.baseIndex() > index) {
                    // Whoever goes on there must get on.
                    resumeHere(at, from, batches.baseIndex());
                    remember();
                }
            }
            from = batches.endPosition();
        }
    }

    /** What the segment with the hole says of it, and of no other. */
    private HoleProof own(String words) {
        return new HoleProof(number, position, index, words);
    }

    private long next(ListedSegment segment, long from) {
        long found = batches.search(from, index, memory.budget());
        noteUnreadable(segment);
        return found;
    }

    /** A segment made ready has nothing in it that was acknowledged. */
    private void noteUnreadable(ListedSegment segment) {
        if (batches.unreadableAt() >= 0 && segment.state() != ListedSegment.State.PREPARED) {
            noteUnreadable(segment, batches.unreadableAt(), reason(batches.unreadableFault()));
        }
    }

    private static String reason(AppendException fault) {
        Throwable cause = fault.getCause() == null ? fault : fault.getCause();
        return cause.getMessage();
    }

    private void noteUnreadable(ListedSegment segment, long at, String reason) {
        String text =
                "what stands at position "
                        + at
                        + " of "
                        + segment.name()
                        + " can't be read ("
                        + reason
                        + ")";
        HoleProof place = new HoleProof(segment.number(), at, Long.MAX_VALUE, text);
        memory.keepUnreadable(place);
        if (unreadable == null) {
            unreadable = place;
        }
    }

    private SparseIndex readIndex(ListedSegment segment, StoreFile file) {
        try {
            return SparseIndex.read(file, segment.header());
        } catch (AppendException e) {
            if (!FileFaults.isUnreadable(e)) {
                throw e;
            }
            noteUnreadable(segment, segment.header().indexPosition(), reason(e));
            return null;
        }
    }

    private void resumeHere(int at, long position, long index) {
        if (resumeAt < 0) {
            resumeAt = at;
            resumePosition = position;
            resumeIndex = index;
        }
    }

    private void see(ListedSegment segment, boolean isProofItself) {
        seenIndex = Math.max(seenIndex, batches.nextIndex() - 1);
        tornBytes += batches.endPosition() - batches.position();
        if (evidence == null && (batches.durableIndex() >= index || isProofItself)) {
            prove(
                    segment,
                    batches.position(),
                    batches.durableIndex(),
                    "a batch at position "
                            + batches.position()
                            + " of "
                            + segment.name()
                            + " was written when entries up to "
                            + batches.durableIndex()
                            + " were durable");
            seenIndex = Math.max(seenIndex, batches.durableIndex());
        }
    }

    private void prove(ListedSegment segment, long at, long lastIndex, String text) {
        evidence = new HoleProof(segment.number(), at, lastIndex, text);
        memory.keepProof(evidence, number, position, index);
    }

    /** What was found behind an earlier hole may tell of this one too. */
    private void remember() {
        if (evidence == null) {
            evidence = memory.proofOf(number, position, index);
        }
        if (unreadable == null && memory.isUnproven(index)) {
            unreadable = memory.unreadableBehind(number, position, index);
        }
    }

    private void searchLater(int at, ListedSegment segment) {
        switch (segment.state()) {
            case VOID -> {}
            case MISPLACED -> {
                blame(at);
                if (evidence == null) {
                    prove(segment, 0, Long.MAX_VALUE, segment.fault());
                }
            }
            default -> {
                memory.budget().spend(SegmentDescriptor.HEADER_BYTES);
                try (StoreFile file = directory.openForReading(segment.name())) {
                    switch (segment.state()) {
                        case ACTIVE -> searchActive(at, segment, file);
                        case PREPARED -> searchBatches(segment, segment.header(), file);
                        default -> {
                            blame(at);
                            searchUnreadable(segment, file);
                        }
                    }
                } catch (AppendException e) {
                    if (e.code() != AppendException.Code.NOT_FOUND) {
                        throw e;
                    }
                }
                // Behind what was read: the header comes to say so before the first batch is there.
                isOutdated |= isInUseByNow(segment);
            }
        }
    }

    /** Whether the writer has rolled into the segment since it was listed: its entries belong. */
    private boolean isInUseByNow(ListedSegment segment) {
        if (segment.isActive() || segment.isUnreadable()) {
            return false;
        }
        ListedSegment now = LogListing.readSegment(directory, segment.name(), segment.number());
        return now != null && now.isActive();
    }

    /** Where the run of segments breaks off, unless something was found behind the hole before. */
    private void blame(int at) {
        if (brokenAt < 0 && resumeAt < 0 && seenIndex < 0 && unreadable == null) {
            brokenAt = at;
        }
    }

    private void searchActive(int at, ListedSegment segment, StoreFile file) {
        SegmentDescriptor.Header header = segment.header();
        resumeHere(at, SegmentDescriptor.HEADER_BYTES, header.baseIndex());
        if (evidence == null && header.baseIndex() < index) {
            String text = " begins with entry " + header.baseIndex() + " again";
            evidence = new HoleProof(segment.number(), 0, index, segment.name() + text);
        }
        if (evidence == null && header.supersedes()) {
            String text = " was begun by a truncation when all before it was durable";
            prove(segment, 0, Long.MAX_VALUE, segment.name() + text);
        }
        if (evidence == null) {
            SparseIndex sparse = readIndex(segment, file);
            if (sparse != null && sparse.nextIndex() > index) {
                String text = " was sealed when all before it was durable";
                prove(segment, 0, sparse.nextIndex() - 1, segment.name() + text);
            }
        }
        remember();
        searchBatches(segment, header, file);
    }

    private void searchBatches(
            ListedSegment segment, SegmentDescriptor.Header header, StoreFile file) {
        batches.open(file, header);
        long from = SegmentDescriptor.HEADER_BYTES;
        while (evidence == null && !isDecided() && (from = next(segment, from)) >= 0) {
            see(segment, false);
            from = batches.endPosition();
        }
    }

    /** A crash leaves no batch behind a broken header: the header was durable before it. */
    private void searchUnreadable(ListedSegment segment, StoreFile file) {
        batches.open(file, segment.headerToSearchBy(listing.logId()));
        if (segment.state() == ListedSegment.State.UNREADABLE && segment.fault() != null) {
            unreadable = new HoleProof(segment.number(), 0, Long.MAX_VALUE, segment.fault());
        }
        boolean holdsBatches = batches.peek(SegmentDescriptor.HEADER_BYTES);
        long from = SegmentDescriptor.HEADER_BYTES;
        while ((from = next(segment, from)) >= 0) {
            holdsBatches = true;
            seenIndex = Math.max(seenIndex, batches.nextIndex() - 1);
            from = batches.endPosition();
        }
        if (evidence == null && holdsBatches) {
            String text = " has a broken header but holds batches";
            prove(segment, 0, Long.MAX_VALUE, segment.name() + text);
        }
    }

    /**
     * Looks into a segment that is not active and has no active one before it: there is nothing to
     * miss entries by, but something may be in it.
     *
     * @return null if it holds nothing of the log, is gone, or has become active
     */
    LogDamage leadingDamage(LogListing listing, int at) {
        ListedSegment segment = listing.segments().get(at);
        ListedSegment following = listing.nextActive(at);
        if (following != null && following.header().baseIndex() == 0) {
            return null;
        }
        reset(listing, segment.number(), 0, 0, 0);
        HoleFinding finding = searchInactive(segment);
        if (finding == null || isInUseByNow(segment)) {
            return null;
        }
        if (following == null) {
            return finding.isDamage()
                    ? finding.damage(directory, segment, finding.lastLost(0), finding.reason())
                    : null;
        }
        return segment.state() == ListedSegment.State.UNREADABLE
                ? finding.damage(
                        directory,
                        segment,
                        following.header().baseIndex() - 1,
                        segment.fault() != null ? segment.fault() : "its header is broken")
                : null;
    }

    /** Null if its file is gone. */
    private HoleFinding searchInactive(ListedSegment segment) {
        try (StoreFile file = directory.openForReading(segment.name())) {
            SegmentDescriptor.Header header = segment.headerToSearchBy(listing.logId());
            batches.open(file, header);
            if (batches.search(SegmentDescriptor.HEADER_BYTES, 0, memory.budget()) >= 0) {
                resumeIndex = batches.baseIndex();
            }
            if (segment.header() != null) {
                searchBatches(segment, header, file);
            } else {
                searchUnreadable(segment, file);
            }
        } catch (AppendException e) {
            if (e.code() != AppendException.Code.NOT_FOUND) {
                throw e;
            }
            return null;
        }
        return finding();
    }

    private HoleFinding finding() {
        return new HoleFinding(
                evidence,
                unreadable,
                brokenAt,
                resumeAt,
                resumePosition,
                resumeIndex,
                seenIndex,
                tornBytes,
                isOutdated);
    }

    /** The file may have grown since it was listed. */
    private void reset(LogListing listing, long number, long position, long index, long fileBytes) {
        this.listing = listing;
        if (batches == null) {
            batches = new BatchReader(listing.bufferBytes());
        }
        if (memory == null) {
            memory = new HoleMemory(listing.fileBytes() + fileBytes);
        }
        this.number = number;
        this.position = position;
        this.index = index;
        evidence = null;
        unreadable = null;
        brokenAt = -1;
        resumeAt = -1;
        resumePosition = 0;
        resumeIndex = LogDamage.UNKNOWN;
        seenIndex = -1;
        tornBytes = 0;
        isOutdated = false;
    }
}
