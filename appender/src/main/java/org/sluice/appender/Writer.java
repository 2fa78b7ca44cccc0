package org.sluice.appender;

import org.agrona.concurrent.NanoClock;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncIo;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.PreparedSegment;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentKeeper;
import org.sluice.store.Storage;

/**
 * The one way from the slots to the disk: gathers published entries into a block, makes it a batch,
 * submits it, and follows it until it is written and durable.
 *
 * <p><b>Thread.</b> All methods run on the writer thread ({@link WriterThread} drives them), except
 * {@link #closeAt}. One call of {@link #doWork} is one turn of the duty cycle; it never waits.
 *
 * <p><b>Batching.</b> A block that is full is submitted at once, unless zeros are being written to
 * where it goes. One that is not is held back while earlier writes are in flight, so that batches
 * grow with the load and with the disk's latency, unless someone waits for what is in it; and then
 * it still waits a moment for the others who are to come ({@link GatherPace}).
 */
final class Writer implements CompletionHandler {
    /**
     * Batches in flight up to which a batch that someone waits for is submitted before it is full.
     * More would cut what many callers wait for into ever smaller pieces, each with its own cost.
     */
    private static final int WANTED_IN_FLIGHT_MAX = 2;

    private final Gatherer gatherer;
    private final AlignedBlockPool pool;
    private final AsyncIo io;
    private final SegmentSource segments;
    private final Durability durability;
    private final IndexWaiters writtenWaiters;
    private final IndexWaiters durableWaiters;
    private final StatsRecorder stats;
    private final DiskSpace space;
    private final WriteWindow window;
    private final RefusedWrites refused;
    private final BatchSealer sealer;
    private final ZerosBehind zerosBehind;
    private final GatherPace pace;
    private final NanoClock clock;
    private final boolean neverSyncs;

    /** Whether the log was found with entries, and without the mark of an orderly close behind. */
    private final boolean wasLeftUnmarked;

    /** Index = sequence + this. */
    private final long baseIndex;

    private ActiveSegment segment;
    private long submittedIndex;
    private boolean needsRoll;
    private boolean isMarked;

    /** Written by the closing thread once, read here: gather up to this sequence, then end. */
    private volatile long finalSequence = Long.MAX_VALUE;

    Writer(
            AppendLogConfig config,
            Storage storage,
            RecoveredLog recovered,
            RecoveredLog.Segment tail,
            Slots slots,
            SegmentKeeper keeper,
            LogState state,
            IndexWaiters writtenWaiters,
            IndexWaiters durableWaiters,
            DurableListeners listeners,
            StatsRecorder stats) {
        this.writtenWaiters = writtenWaiters;
        this.durableWaiters = durableWaiters;
        this.stats = stats;
        this.space = new DiskSpace(config.diskFull(), state, stats, writtenWaiters, durableWaiters);
        this.clock = config.nanoClock();
        this.neverSyncs = config.syncPolicy().kind() == SyncPolicy.Kind.NEVER;
        this.wasLeftUnmarked =
                !recovered.isClosed() && recovered.nextIndex() > recovered.firstIndex();
        this.zerosBehind = new ZerosBehind(config);
        this.baseIndex = recovered.nextIndex();
        this.submittedIndex = baseIndex - 1;
        this.sealer = new BatchSealer(config.epochClock(), recovered.lastTimeNs());
        this.gatherer = new Gatherer(slots);
        this.pool = new AlignedBlockPool(config.blockCount(), config.blockBytes());
        this.durability =
                new Durability(config, writtenWaiters, durableWaiters, listeners, keeper, stats);
        // A sync can be in flight beside every block.
        int capacity = config.blockCount() + 1;
        this.window = new WriteWindow(config.blockCount());
        this.refused = new RefusedWrites(window);
        this.io = storage.openIo(pool, capacity);
        this.segments = new SegmentSource(io, keeper, space, stats);
        this.pace = new GatherPace(clock.nanoTime());
        if (tail != null) {
            segment = openTail(recovered, tail);
            durability.rollTo(segment);
        }
    }

    private ActiveSegment openTail(RecoveredLog recovered, RecoveredLog.Segment tail) {
        boolean isOpen = false;
        try {
            ActiveSegment opened = segments.reopen(tail, recovered.tailPoints(), submittedIndex);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                io.close();
            }
        }
    }

    /** One turn. Returns the work done; 0 means that waiting is fine. */
    int doWork() {
        segments.checkKeeper();
        long nowNs = clock.nanoTime();
        int work = gatherAndSubmit(nowNs);
        if (io.inFlight() > 0 && !pace.isCollecting() && !isStarved()) {
            work += io.poll(this);
            work += retireWrites();
        }
        work += refused.retry(nowNs);
        // What a full disk refuses is not under way: who waits for less must not wait for it.
        boolean isIdle = !refused.isEmpty() || (window.isEmpty() && gatherer.isEmpty());
        work += durability.doWork(nowNs, isIdle, isClosing());
        return work;
    }

    /** Asks the writer to end after the entry at {@code sequence}. Any thread, once. */
    void closeAt(long sequence) {
        finalSequence = sequence;
    }

    /** Whether everything up to the final sequence is on disk as the policy asks, and marked so. */
    boolean isEnded() {
        if (!isClosing() || gatherer.nextSequence() <= finalSequence) {
            return false;
        }
        boolean isQuiet = gatherer.isEmpty() && window.isEmpty() && durability.isSettled();
        if (isQuiet && !isMarked && needsMark()) {
            isMarked = true;
            markClosed();
            return false;
        }
        return isQuiet;
    }

    /**
     * A log that a crash or a truncation left without a mark gets it, even if it is not added to.
     */
    private boolean needsMark() {
        boolean isNew = submittedIndex >= baseIndex || wasLeftUnmarked;
        return isNew && !neverSyncs && segment != null;
    }

    private boolean isClosing() {
        return finalSequence != Long.MAX_VALUE;
    }

    /** The segment written to last, or null if there was none. */
    ActiveSegment segment() {
        return segment;
    }

    /**
     * Submits what is not submitted yet and waits for the disk, at most {@code timeoutNs}: for when
     * there is nothing else to do, or {@linkplain #isStarved no block} to do it with. That is also
     * when entries collect for the next batch.
     */
    int await(long timeoutNs) {
        int work = io.await(this, timeoutNs);
        return work + retireWrites();
    }

    boolean isInFlight() {
        return io.inFlight() > 0;
    }

    /** Whether every block is with the disk. One wait then also submits the last, in one call. */
    boolean isStarved() {
        return pool.freeCount() == 0 && !gatherer.hasBlock();
    }

    /** See {@link GatherPace#isCollecting}. */
    boolean isCollecting() {
        return pace.isCollecting();
    }

    /** See {@link GatherPace#isHolding}. */
    boolean isHolding() {
        return pace.isHolding();
    }

    /** Waits for what is in flight, whatever became of it, and releases everything. */
    void release() {
        io.close();
    }

    // ---- gathering ----

    private int gatherAndSubmit(long nowNs) {
        if (!refused.isEmpty() || !hasBlock()) {
            return 0;
        }
        boolean isWanted = isWanted();
        boolean isTime = isWanted || pace.isTime(nowNs);
        int taken = isTime ? gatherer.gather(finalSequence) : 0;
        if (gatherer.isFull() && gatherer.isEmpty()) {
            needsRoll = true;
            return taken + roll();
        }
        boolean isFull = gatherer.isFull();
        if (isTime) {
            pace.onGathered(taken, nowNs, isWanted || isFull);
        }
        if (!gatherer.isEmpty() && isDue(nowNs, isFull, isWanted)) {
            pace.onSubmit(isFull, nowNs);
            submitBatch(isFull, isWanted);
        }
        return taken;
    }

    private boolean isDue(long nowNs, boolean isFull, boolean isWanted) {
        if (window.hasZeros()) {
            // They may land late, on top of what goes to their place.
            return false;
        }
        if (isFull) {
            return true;
        }
        if (window.isEmpty()) {
            return !isWanted || isClosing() || !holdsBack(nowNs);
        }
        return isWanted && window.size() < WANTED_IN_FLIGHT_MAX;
    }

    private boolean holdsBack(long nowNs) {
        return pace.holdsBack(gatherer.entryCount(), durableWaiters.servedCount(), nowNs);
    }

    private boolean isWanted() {
        return durability.isWanted()
                || writtenWaiters.wanted() > durability.writtenIndex()
                || isClosing();
    }

    /** Has the gatherer a block to fill? Takes one if there is a free one and room for it. */
    private boolean hasBlock() {
        if (gatherer.hasBlock()) {
            return true;
        }
        if (needsRoll || segment == null) {
            needsRoll = true;
            roll();
            if (needsRoll) {
                return false;
            }
        }
        AlignedBlock block = window.isFull() ? null : pool.take();
        if (block == null) {
            return false;
        }
        gatherer.begin(block, segment.limit(block.bytes()));
        return true;
    }

    // ---- submitting ----

    private void submitBatch(boolean isFull, boolean isWanted) {
        int length = gatherer.length();
        int paddedLength = segment.paddedLength(length, isFull);
        long firstIndex = submittedIndex + 1;
        int entryCount = gatherer.entryCount();
        submittedIndex += entryCount;
        stats.onBatch(entryCount, gatherer.payloadBytes(), paddedLength);
        AlignedBlock block = gatherer.end();
        long timestampNs =
                sealer.seal(
                        block,
                        segment,
                        length,
                        paddedLength,
                        entryCount,
                        firstIndex,
                        durability.durableIndex(),
                        0);
        segment.points.add(firstIndex, timestampNs, segment.position);
        boolean hasTime = !isFull && window.isEmpty() && !isClosing();
        int zeros = hasTime ? zerosBehind.add(block, paddedLength, segment) : 0;
        submit(block, segment.position, paddedLength + zeros, zeros, false, isWanted);
        segment.advance(paddedLength, zeros, submittedIndex);
    }

    private void submit(
            AlignedBlock block,
            long position,
            int length,
            int zeros,
            boolean isThrough,
            boolean isAwaited) {
        long tag = window.nextTag();
        Write write = window.add();
        write.segment = segment;
        write.block = block;
        write.position = position;
        write.length = length;
        write.zeros = zeros;
        write.lastIndex = submittedIndex;
        write.isThrough = isThrough;
        write.isAwaited = isAwaited;
        block.handOver();
        write.submit(tag);
    }

    /** An empty batch that says: everything before me was durable when the log was closed. */
    private void markClosed() {
        AlignedBlock block = hasBlock() ? gatherer.end() : null;
        int length = BatchDescriptor.HEADER_BYTES;
        int paddedLength = segment.paddedLength(length, false);
        if (block == null) {
            return;
        }
        if (paddedLength <= segment.room()) {
            sealer.seal(
                    block,
                    segment,
                    length,
                    paddedLength,
                    0,
                    submittedIndex + 1,
                    durability.durableIndex(),
                    BatchDescriptor.FLAG_CLOSED);
            submit(block, segment.position, paddedLength, 0, true, false);
            segment.advance(paddedLength, 0, submittedIndex);
        } else {
            pool.release(block);
        }
    }

    // ---- completing ----

    @Override
    public void onCompletion(long tag, int result) {
        if (tag == Durability.SYNC_TAG) {
            durability.onSync(result);
            return;
        }
        Write write = window.get(tag);
        if (result == write.length) {
            end(write);
            if (refused.isEmpty() && !segments.isWaiting()) {
                space.onFree();
            }
        } else if (result < 0 && Errno.isDiskFull(-result) && write.zeros > 0) {
            write.dropZeros();
            write.submit(tag);
        } else if (result < 0 && Errno.isDiskFull(-result) && isMarked) {
            // Only the mark of an orderly end is left to be written, and a log does without it.
            segment.position = write.position;
            end(write);
        } else if (result < 0 && Errno.isDiskFull(-result)) {
            refused.add(write, clock.nanoTime());
            space.onFull();
        } else {
            throw write.failure(result, durability.writtenIndex() + 1);
        }
    }

    private void end(Write write) {
        write.state = Write.State.DONE;
        pool.release(write.block);
        write.block = null;
    }

    private int retireWrites() {
        int retired = 0;
        Write write;
        while ((write = window.oldest()) != null && write.state == Write.State.DONE) {
            durability.onWritten(write);
            window.removeOldest();
            retired++;
        }
        return retired;
    }

    // ---- rolling ----

    /** Goes on in the next prepared segment, if there is one; else the next turn tries again. */
    private int roll() {
        if (window.isFull() || isStarved()) {
            return 0;
        }
        PreparedSegment prepared = segments.takePrepared();
        if (prepared == null) {
            return 0;
        }
        AlignedBlock block = gatherer.hasBlock() ? gatherer.end() : pool.take();
        segment = segments.begin(prepared, submittedIndex);
        SegmentDescriptor.encode(block.buffer(), 0, segment.header);
        submit(block, 0, SegmentDescriptor.HEADER_BYTES, 0, !neverSyncs, false);
        durability.rollTo(segment);
        stats.onRoll(segment.header.number(), segment.header.baseIndex());
        needsRoll = false;
        return 1;
    }
}
