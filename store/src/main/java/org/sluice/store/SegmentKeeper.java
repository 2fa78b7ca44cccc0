package org.sluice.store;

import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;

import java.util.ArrayDeque;
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
 * <p><b>Crashes.</b> Each step leaves a directory that recovery understands. A name ending in
 * {@code .spare} is no part of the log. A file gets a segment's name only when its PREPARED header
 * is on disk, and loses it, durably, before that header is overwritten. Removals are made durable
 * one by one, oldest first, so that no cut leaves a gap.
 */
public final class SegmentKeeper implements AutoCloseable {
    private static final long DISK_FULL_RETRY_NS = 100_000_000;

    private record Seal(
            SegmentDescriptor.Header header,
            long nextIndex,
            long endPosition,
            SparseIndexBuilder points) {}

    private final StoreDirectory directory;
    private final SegmentSettings settings;
    private final long logId;
    private final EpochNanoClock epochClock;
    private final NanoClock nanoClock;
    private final Runnable wake;

    private final Queue<SegmentDescriptor.Header> prepared = new ConcurrentLinkedQueue<>();
    private final Queue<Seal> seals = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final ArrayDeque<SealedSegment> kept = new ArrayDeque<>();
    private final ArrayDeque<String> spares = new ArrayDeque<>();
    private long nextNumber;
    private long nextTryNs;

    // Written under the lock, read by anyone.
    private volatile long firstIndex;
    private volatile int segmentCount;
    private volatile boolean diskFull;
    private volatile AppendException failure;

    /**
     * @param sealed the log's complete segments, by rising number; not the one the writer goes on
     *     in
     * @param firstIndex index of the first entry kept
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
        this.logId = logId;
        this.kept.addAll(sealed);
        this.firstIndex = firstIndex;
        this.segmentCount = kept.size();
        this.nextNumber = nextNumber;
        this.epochClock = epochClock;
        this.nanoClock = nanoClock;
        this.wake = wake;
        this.nextTryNs = nanoClock.nanoTime();
    }

    // ---- the writer's side ----

    /** The header of a segment that is ready, or null. The writer owns its file from now on. */
    public SegmentDescriptor.Header takePrepared() {
        SegmentDescriptor.Header header = prepared.poll();
        wake.run();
        return header;
    }

    /** Hands over a segment that is complete and durable, its file closed. */
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

    /** What keeps segments from being made ready for good, or null. */
    public AppendException failure() {
        return failure;
    }

    // ---- facts ----

    /** Index of the first entry kept. */
    public long firstIndex() {
        return firstIndex;
    }

    /** Sealed segments kept. */
    public int segmentCount() {
        return segmentCount;
    }

    // ---- the work ----

    /**
     * One turn: seals, frees, makes ready. Returns the work done. Failures are kept, not thrown.
     */
    public int doWork() {
        if (failure != null) {
            return 0;
        }
        lock.lock();
        try {
            return sealAll() + retain() + prepare();
        } catch (AppendException thrown) {
            failure = thrown;
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Frees the sealed segments all of whose entries lie before {@code index}; durable on return.
     */
    public void truncateBefore(long index) {
        lock.lock();
        try {
            sealAll();
            while (!kept.isEmpty() && kept.peek().nextIndex() <= index) {
                free(kept.remove());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Seals what was handed over and removes what was made ready and not used. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            sealAll();
            SegmentDescriptor.Header header;
            while ((header = prepared.poll()) != null) {
                directory.delete(SegmentDescriptor.fileName(header.number()));
            }
            while (!spares.isEmpty()) {
                directory.delete(spares.remove());
            }
            directory.sync();
        } finally {
            lock.unlock();
        }
    }

    // ---- sealing ----

    private int sealAll() {
        int work = 0;
        Seal seal;
        while ((seal = seals.poll()) != null) {
            writeIndex(seal);
            kept.add(
                    new SealedSegment(
                            seal.header(),
                            seal.nextIndex(),
                            seal.endPosition(),
                            seal.points().lastTimeNs()));
            segmentCount = kept.size();
            work++;
        }
        return work;
    }

    /**
     * An index is a short cut: where the disk has no room for it, the segment is scanned instead.
     */
    private void writeIndex(Seal seal) {
        String name = SegmentDescriptor.fileName(seal.header().number());
        try (StoreFile file = directory.openForWriting(name)) {
            SegmentFile.writeIndex(
                    file, seal.header(), seal.points(), seal.nextIndex(), seal.endPosition());
        } catch (AppendException thrown) {
            if (thrown.code() != AppendException.Code.DISK_FULL) {
                throw thrown;
            }
        }
    }

    // ---- freeing ----

    private int retain() {
        int work = 0;
        while (!kept.isEmpty() && (isTooMuch() || isTooOld(kept.peek()))) {
            free(kept.remove());
            work++;
        }
        return work;
    }

    private boolean isTooMuch() {
        long restBytes = (long) (kept.size() - 1) * settings.segmentBytes();
        return settings.retentionBytes() > 0 && restBytes >= settings.retentionBytes();
    }

    private boolean isTooOld(SealedSegment oldest) {
        return settings.retentionAgeNs() > 0
                && epochClock.nanoTime() - oldest.lastTimeNs() > settings.retentionAgeNs();
    }

    private void free(SealedSegment segment) {
        String name = SegmentDescriptor.fileName(segment.header().number());
        // Nobody may be told of entries whose file is about to go.
        firstIndex = segment.nextIndex();
        segmentCount = kept.size();
        if (spares.size() < settings.preparedCount() && isRecyclable(segment.header(), name)) {
            String spare = LogDirectoryLayout.spareName(nextNumber++);
            directory.rename(name, spare);
            spares.add(spare);
        } else {
            directory.delete(name);
        }
        directory.sync();
    }

    private boolean isRecyclable(SegmentDescriptor.Header header, String name) {
        if (header.segmentBytes() != settings.segmentBytes()) {
            return false;
        }
        try (StoreFile file = directory.openForReading(name)) {
            return file.size() == settings.segmentBytes();
        }
    }

    // ---- making ready ----

    private int prepare() {
        if (prepared.size() >= settings.preparedCount() || nanoClock.nanoTime() - nextTryNs < 0) {
            return 0;
        }
        try {
            prepared.add(spares.isEmpty() ? prepareNew() : prepareSpare(spares.remove()));
            diskFull = false;
            return 1;
        } catch (AppendException thrown) {
            if (thrown.code() != AppendException.Code.DISK_FULL) {
                throw thrown;
            }
            diskFull = true;
            nextTryNs = nanoClock.nanoTime() + DISK_FULL_RETRY_NS;
            return 0;
        }
    }

    private SegmentDescriptor.Header prepareNew() {
        long number = nextNumber++;
        String spare = LogDirectoryLayout.spareName(number);
        try (StoreFile file = directory.create(spare)) {
            file.allocate(settings.segmentBytes(), settings.preallocation());
            return publish(file, spare, number);
        } catch (AppendException thrown) {
            if (thrown.code() == AppendException.Code.DISK_FULL) {
                directory.delete(spare);
            }
            throw thrown;
        }
    }

    private SegmentDescriptor.Header prepareSpare(String spare) {
        try (StoreFile file = directory.openForWriting(spare)) {
            return publish(file, spare, LogDirectoryLayout.spareNumberOf(spare));
        }
    }

    /** Header first, durable, then the name, durable. */
    private SegmentDescriptor.Header publish(StoreFile file, String spare, long number) {
        SegmentDescriptor.Header header =
                new SegmentDescriptor.Header(
                        number,
                        SegmentDescriptor.PREPARED,
                        -1,
                        epochClock.nanoTime(),
                        settings.segmentBytes(),
                        IndexDescriptor.indexBytes(settings.segmentBytes()),
                        settings.alignBytes(),
                        settings.batchBytesMax(),
                        0,
                        logId);
        SegmentFile.writeHeader(file, header);
        file.sync();
        file.uncache();
        directory.rename(spare, SegmentDescriptor.fileName(number));
        directory.sync();
        return header;
    }
}
