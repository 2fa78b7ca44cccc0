package org.sluice.appender;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BlockDevice;
import org.sluice.store.Errno;
import org.sluice.store.Preallocation;
import org.sluice.store.SealedSegment;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentKeeper;
import org.sluice.store.SegmentSettings;
import org.sluice.store.Storage;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One run of a log, from open to close or to a truncation: its segment keeper and its pipeline,
 * each with its thread, started on what recovery found and stopped in order.
 */
final class LogRun {
    private final StoreDirectory directory;
    private final SegmentKeeper keeper;
    private final KeeperThread keeperThread;
    private final Pipeline pipeline;
    private final boolean neverSyncs;

    private LogRun(
            StoreDirectory directory,
            SegmentKeeper keeper,
            KeeperThread keeperThread,
            Pipeline pipeline,
            boolean neverSyncs) {
        this.directory = directory;
        this.keeper = keeper;
        this.keeperThread = keeperThread;
        this.pipeline = pipeline;
        this.neverSyncs = neverSyncs;
    }

    /**
     * Starts the threads; when it returns the log can be appended to.
     *
     * @param firstIndex no entry before it is kept, even if recovery found it
     */
    static LogRun start(
            AppendLogConfig config,
            Storage storage,
            RecoveredLog recovered,
            long firstIndex,
            DurableListeners listeners,
            StatsRecorder stats,
            DutyThread.Maker threads) {
        SegmentSettings settings = settings(config, storage);
        RecoveredLog.Segment tail = reusableTail(recovered, settings);
        Waker waker = new Waker();
        SegmentKeeper keeper =
                keeper(config, storage, recovered, firstIndex, tail, settings, waker);
        Pipeline pipeline =
                new Pipeline(config, storage, recovered, tail, keeper, listeners, stats, threads);
        if (tail == null) {
            awaitFirstSegment(keeper, storage.directory().path(), recovered);
        } else {
            reopen(storage.directory(), tail, settings);
        }
        KeeperThread keeperThread = new KeeperThread(keeper, threads);
        waker.thread = keeperThread;
        startBoth(pipeline, keeperThread, keeper);
        boolean neverSyncs = config.syncPolicy().kind() == SyncPolicy.Kind.NEVER;
        return new LogRun(storage.directory(), keeper, keeperThread, pipeline, neverSyncs);
    }

    /** Or none: a writer left behind would go on in a directory that others may open. */
    private static void startBoth(
            Pipeline pipeline, KeeperThread keeperThread, SegmentKeeper keeper) {
        boolean isWriting = false;
        try {
            pipeline.start();
            isWriting = true;
            keeperThread.start();
        } catch (Throwable failed) {
            if (isWriting) {
                pipeline.stop();
            }
            close(keeper);
            throw failed;
        }
    }

    Pipeline pipeline() {
        return pipeline;
    }

    SegmentKeeper keeper() {
        return keeper;
    }

    void truncateBefore(long index) {
        keeper.truncateBefore(index);
    }

    /**
     * Stops producers, writer and keeper, in this order, and gives back what the tail does not use.
     */
    void stop() {
        pipeline.stop();
        keeperThread.stop();
        close(keeper);
        AppendException failure = keeper.failure();
        if (failure != null) {
            pipeline.state().fail(failure);
        }
        if (pipeline.failure() == null) {
            trim(pipeline.lastSegment());
        }
    }

    private static void close(SegmentKeeper keeper) {
        try {
            keeper.close();
        } catch (AppendException thrown) {
            // The keeper keeps it; and it never takes the place of a failure that came before.
        }
    }

    private void trim(ActiveSegment tail) {
        StoreFile file = tail == null ? null : openOrNull(tail);
        if (file == null) {
            return;
        }
        try (file) {
            file.truncate(tail.position);
            // Under NEVER the only sync. Failed, for want of room too, it may have dropped writes.
            file.sync();
        }
    }

    /** For want of a descriptor, trimming is left to the next open, unless the sync is too. */
    private StoreFile openOrNull(ActiveSegment tail) {
        try {
            return directory.openForWriting(SegmentDescriptor.fileName(tail.header.number()));
        } catch (AppendException thrown) {
            if (neverSyncs || !Errno.isForWantOfRoom(thrown)) {
                throw thrown;
            }
            return null;
        }
    }

    // ---- starting ----

    /** What new segments are to be like. */
    static SegmentSettings settings(AppendLogConfig config, Storage storage) {
        Preallocation preallocation =
                config.preallocate() == Preallocation.AUTO
                        ? storage.preferredPreallocation()
                        : config.preallocate();
        return new SegmentSettings(
                config.segmentBytes(),
                // What may be written is not all: see the decision record 0003.
                BlockDevice.alignBytes(storage.directory().path(), storage.alignBytes()),
                config.blockBytes(),
                preallocation,
                config.segmentsAhead(),
                config.retentionBytes(),
                config.retentionAge().toNanos());
    }

    /**
     * The last segment, if the writer can go on in it; else it counts as sealed. One larger than
     * those asked for is left as it is: it would have to be given its full size, and a forged
     * header may claim a terabyte. Nor is one whose batches would end off a page's boundary, which
     * only a forged or foreign header says: direct writes would not be aligned.
     */
    private static RecoveredLog.Segment reusableTail(
            RecoveredLog recovered, SegmentSettings settings) {
        if (recovered.segments().isEmpty()) {
            return null;
        }
        RecoveredLog.Segment last = recovered.segments().getLast();
        SegmentDescriptor.Header header = last.header();
        boolean isReusable =
                header.segmentBytes() <= settings.segmentBytes()
                        && header.alignBytes() % settings.alignBytes() == 0
                        && header.batchBytesMax() >= settings.batchBytesMax()
                        && header.indexPosition() % AlignedBlockPool.PAGE_BYTES == 0
                        && header.indexPosition() > last.endPosition();
        return isReusable ? last : null;
    }

    private static SegmentKeeper keeper(
            AppendLogConfig config,
            Storage storage,
            RecoveredLog recovered,
            long firstIndex,
            RecoveredLog.Segment tail,
            SegmentSettings settings,
            Runnable waker) {
        List<SealedSegment> sealed = new ArrayList<>();
        for (RecoveredLog.Segment segment : recovered.segments()) {
            if (!segment.equals(tail)) {
                sealed.add(
                        SealedSegment.of(
                                segment.header(),
                                segment.nextIndex(),
                                segment.lastTimeNs(),
                                segment.endPosition()));
            }
        }
        boolean isNew = recovered.segments().isEmpty();
        long logId = isNew ? ThreadLocalRandom.current().nextLong() : recovered.logId();
        SegmentKeeper keeper =
                new SegmentKeeper(
                        storage.directory(),
                        settings,
                        logId,
                        sealed,
                        Math.max(firstIndex, recovered.firstIndex()),
                        recovered.nextNumber(),
                        config.epochClock(),
                        config.nanoClock(),
                        waker);
        if (tail == null) {
            keeper.holdNewest();
        }
        return keeper;
    }

    /** A log that has entries can be read, and have room made in it, without. */
    private static void awaitFirstSegment(
            SegmentKeeper keeper, Path directory, RecoveredLog recovered) {
        while (keeper.readyCount() == 0 && keeper.doWork() > 0) {
            // What is to be freed first may be what there is no room for.
        }
        AppendException failure = keeper.failure();
        if (failure != null) {
            throw failure;
        }
        if (keeper.diskFull() && recovered.segments().isEmpty()) {
            throw new AppendException(
                    Code.DISK_FULL,
                    "the disk of " + directory + " is too full for the log's first segment",
                    directory,
                    null);
        }
    }

    /**
     * A tail was cut to its end when the log was closed or recovered: gives it its full size again,
     * and its blocks if the disk has them; else each batch takes its own when there is room.
     */
    private static void reopen(
            StoreDirectory directory, RecoveredLog.Segment tail, SegmentSettings settings) {
        String name = SegmentDescriptor.fileName(tail.header().number());
        try (StoreFile file = directory.openForWriting(name)) {
            allocate(file, tail, settings.preallocation());
            file.sync();
        }
    }

    private static void allocate(StoreFile file, RecoveredLog.Segment tail, Preallocation how) {
        long bytes = tail.header().segmentBytes();
        if (!isAllocated(file, bytes, how)) {
            // What could be had of it would only be missed elsewhere.
            file.truncate(tail.endPosition());
            if (!isAllocated(file, bytes, Preallocation.SPARSE)) {
                file.truncate(tail.endPosition());
            }
        }
    }

    private static boolean isAllocated(StoreFile file, long bytes, Preallocation how) {
        try {
            file.allocate(bytes, how);
            return true;
        } catch (AppendException thrown) {
            if (thrown.code() != Code.DISK_FULL) {
                throw thrown;
            }
            return false;
        }
    }

    /** The keeper is made before the thread that drives it. */
    private static final class Waker implements Runnable {
        private volatile KeeperThread thread;

        @Override
        public void run() {
            KeeperThread woken = thread;
            if (woken != null) {
                woken.wake();
            }
        }
    }
}
