package org.sluice.store;

import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;

import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The life of segments off the writer thread: makes the next ones ready, seals those the writer has
 * left, removes or recycles those that retention or a truncation frees.
 *
 * <p><b>Threads.</b> {@link #takePrepared}, {@link #seal}, {@link #diskFull} and {@link #failure}
 * are the writer's and never wait. {@link #doWork}, {@link #truncateBefore} and {@link #close} do
 * the work, wait for the disk, and exclude one another; {@code doWork} is one thread's duty cycle.
 *
 * <p><b>Crashes.</b> Each step leaves a directory that recovery understands. A file gets a
 * segment's name only when its PREPARED header is on disk, and loses it, durably, before that
 * header is overwritten: see {@link SegmentMaker}. Removals are made durable one by one, oldest
 * first, so that no cut leaves a gap.
 */
public final class SegmentKeeper implements AutoCloseable {
    /**
     * How long to wait on a full disk, or for file descriptors: long beside a try, short beside a
     * human who mends it.
     */
    private static final long RETRY_NS = 100_000_000;

    /** Segments freed in one turn at most: each takes a sync, and who closes waits for a turn. */
    private static final int FREED_PER_TURN = 64;

    private record Seal(
            SegmentDescriptor.Header header,
            long nextIndex,
            long endPosition,
            SparseIndexBuilder points) {}

    private final StoreDirectory directory;
    private final SegmentSettings settings;
    private final SegmentMaker maker;
    private final EpochNanoClock epochClock;
    private final NanoClock nanoClock;
    private final Runnable wake;

    private final Queue<PreparedSegment> prepared = new ConcurrentLinkedQueue<>();
    private final Queue<Seal> seals = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** Changed under the lock. */
    private final KeptSegments kept;

    // Guarded by the lock.
    private long nextTryNs;
    private boolean isClosed;

    /** Set by the writer: it has taken a segment. */
    private volatile boolean hasBegun;

    /** The writer's: whether it waits for a segment, without which it can't go on. */
    private volatile boolean isAwaited;

    /** Set by the thread that drives this, once: nobody waits any more for the first segment. */
    private volatile boolean isOpened;

    // Written under the lock, read by anyone.
    private volatile boolean diskFull;
    private volatile AppendException failure;

    /**
     * @param sealed the log's complete segments, by rising number; not the one the writer goes on
     *     in
     * @param firstIndex index of the first entry kept; sealed segments before it are to go
     * @param nextNumber the lowest number never used
     * @param wake called by the writer's methods when there is something to do
     */
    public SegmentKeeper(
            StoreDirectory directory,
            SegmentSettings settings,
            long logId,
            Collection<SealedSegment> sealed,
            long firstIndex,
            long nextNumber,
            EpochNanoClock epochClock,
            NanoClock nanoClock,
            Runnable wake) {
        this.directory = directory;
        this.settings = settings;
        this.maker = new SegmentMaker(directory, settings, logId, nextNumber, epochClock);
        this.kept = new KeptSegments(settings, sealed, firstIndex);
        this.epochClock = epochClock;
        this.nanoClock = nanoClock;
        this.wake = wake;
        this.nextTryNs = nanoClock.nanoTime();
    }

    /**
     * The newest sealed segment stays, whatever its age, until the writer hands over another: it is
     * all there is of the log, which would begin at index 0 again if it went. Before the first
     * turn.
     */
    public void holdNewest() {
        lock.lock();
        try {
            kept.holdNewest();
        } finally {
            lock.unlock();
        }
    }

    /** The log is open: from now on more than one segment may be made ready. */
    public void onOpened() {
        isOpened = true;
    }

    // ---- the writer's side ----

    /**
     * A segment that is ready, or null if none is at this moment. The writer owns its file from now
     * on.
     */
    public PreparedSegment takePrepared() {
        PreparedSegment next = prepared.poll();
        isAwaited = next == null;
        if (next != null) {
            hasBegun = true;
        }
        wake.run();
        return next;
    }

    /**
     * Hands over a segment that is complete and durable, its file closed. From now on it may go, so
     * the header of the segment after it must be durable too.
     */
    public void seal(
            SegmentDescriptor.Header header,
            long nextIndex,
            long endPosition,
            SparseIndexBuilder points) {
        seals.add(new Seal(header, nextIndex, endPosition, points));
        wake.run();
    }

    /** Whether no segment can be made ready for lack of space; ends by itself. */
    public boolean diskFull() {
        return diskFull;
    }

    /** What keeps segments from being sealed, freed and made ready for good, or null. */
    public AppendException failure() {
        return failure;
    }

    // ---- facts ----

    /** Index of the first entry kept. */
    public long firstIndex() {
        return kept.firstIndex();
    }

    /** Sealed segments kept. */
    public int segmentCount() {
        return kept.count();
    }

    /** Segments that are ready for the writer. */
    public int readyCount() {
        return prepared.size();
    }

    // ---- the work ----

    /**
     * One turn: seals, frees, makes ready. Returns the work done. Failures are kept, not thrown.
     */
    public int doWork() {
        lock.lock();
        try {
            if (isClosed || failure != null) {
                return 0;
            }
            return sealAll() + retain() + prepare();
        } catch (AppendException thrown) {
            failure = thrown;
            return 0;
        } catch (RuntimeException | Error thrown) {
            // Else the thread would end, and the writer wait for segments for ever.
            failure = FileFaults.unexpected(thrown);
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Frees the sealed segments all of whose entries lie before {@code index}; durable on return.
     *
     * @throws AppendException if that failed, now or earlier; nothing is freed from then on,
     *     because a later segment must not go before an earlier one. For want of room (DISK_FULL)
     *     or of a descriptor (EMFILE) it can be called again.
     */
    public void truncateBefore(long index) {
        lock.lock();
        try {
            if (isClosed || failure != null) {
                throw ended();
            }
            sealAll();
            maker.syncFreed();
            SealedSegment oldest;
            // What retention began and had to put off must not come back either.
            while ((oldest = kept.oldestFree()) != null
                    && (oldest.nextIndex() <= index || kept.isHidden(oldest))) {
                free(oldest);
                if (prepared.isEmpty()) {
                    // However many there are to free, the writer is not to wait for all of them.
                    prepare();
                }
            }
        } catch (AppendException thrown) {
            if (!isClosed && failure == null && !Errno.isForWantOfRoom(thrown)) {
                failure = thrown;
            }
            throw thrown;
        } catch (RuntimeException | Error thrown) {
            failure = FileFaults.unexpected(thrown);
            throw thrown;
        } finally {
            lock.unlock();
        }
    }

    private AppendException ended() {
        return failure == null
                ? new AppendException(AppendException.Code.CLOSED, "the log is closed")
                : new AppendException(
                        AppendException.Code.FAILED,
                        "the log has failed: " + failure.getMessage(),
                        failure);
    }

    /**
     * Seals what was handed over and removes what was made ready and not used. After a failure
     * nothing is touched any more.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (isClosed || failure != null) {
                return;
            }
            isClosed = true;
            sealAll();
            removeUnused();
        } catch (AppendException thrown) {
            failure = thrown;
            throw thrown;
        } finally {
            lock.unlock();
        }
    }

    /** What stays, for want of room or of a descriptor, the next open removes. */
    private void removeUnused() {
        try {
            PreparedSegment unused;
            while ((unused = prepared.poll()) != null) {
                maker.discard(unused.header());
            }
            maker.close();
        } catch (AppendException thrown) {
            if (!Errno.isForWantOfRoom(thrown)) {
                throw thrown;
            }
        }
    }

    // ---- sealing ----

    private int sealAll() {
        int work = 0;
        Seal seal;
        while ((seal = seals.peek()) != null) {
            writeIndex(seal);
            kept.add(
                    new SealedSegment(seal.header(), seal.nextIndex(), seal.points().lastTimeNs()));
            // Only now: whatever is thrown before, the segment must not be forgotten.
            seals.remove();
            work++;
        }
        return work;
    }

    /**
     * An index is a short cut: where the disk has no room for it, or the process no descriptor, the
     * segment is scanned instead.
     */
    private void writeIndex(Seal seal) {
        String name = SegmentDescriptor.fileName(seal.header().number());
        try (StoreFile file = directory.openForWriting(name)) {
            SegmentFile.writeIndex(
                    file, seal.header(), seal.points(), seal.nextIndex(), seal.endPosition());
        } catch (AppendException thrown) {
            if (!Errno.isForWantOfRoom(thrown)) {
                throw thrown;
            }
        }
    }

    // ---- freeing ----

    /** For want of room, or of a descriptor, it is put off; nothing else goes before it is done. */
    private int retain() {
        try {
            return freeOverdue();
        } catch (AppendException thrown) {
            if (!Errno.isForWantOfRoom(thrown)) {
                throw thrown;
            }
            return 0;
        }
    }

    /** One at a time while the writer may need a segment: the next turn goes on. */
    private int freeOverdue() {
        maker.syncFreed();
        int work = 0;
        SealedSegment oldest;
        while (work < FREED_PER_TURN
                && (oldest = kept.oldestFree()) != null
                && kept.isOverdue(oldest, epochClock.nanoTime())) {
            free(oldest);
            work++;
            if (isShort()) {
                break;
            }
        }
        return work;
    }

    /** It is kept until its name is gone: what a full disk refuses is done again. */
    private void free(SealedSegment oldest) {
        kept.hideOldest();
        maker.free(oldest);
        kept.removeOldest();
        maker.syncFreed();
        // There is space again: whoever rolls next must not be told otherwise.
        diskFull = false;
        nextTryNs = nanoClock.nanoTime();
    }

    // ---- making ready ----

    private int prepare() {
        if (!isShort() || nanoClock.nanoTime() - nextTryNs < 0) {
            return 0;
        }
        boolean mustSucceed = prepared.isEmpty() && (isAwaited || !isOpened);
        try {
            prepared.add(maker.make());
            diskFull = false;
            return 1;
        } catch (AppendException thrown) {
            if (thrown.code() == AppendException.Code.DISK_FULL) {
                diskFull = true;
            } else if (mustSucceed || !Errno.isOutOfDescriptors(thrown.errno())) {
                throw thrown;
            }
            nextTryNs = nanoClock.nanoTime() + RETRY_NS;
            return 0;
        }
    }

    private boolean isShort() {
        return prepared.size() < aheadCount();
    }

    /**
     * Opening waits for the first segment and no other. Until the writer has taken it, it counts as
     * the one being written, so that by default a log that is hardly written to has no more.
     */
    private int aheadCount() {
        if (hasBegun) {
            return settings.preparedCount();
        }
        return isOpened ? Math.max(1, settings.preparedCount() - 1) : 1;
    }
}
