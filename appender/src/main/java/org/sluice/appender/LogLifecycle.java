package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.DirectoryLock;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SegmentKeeper;
import org.sluice.store.SegmentSettings;
import org.sluice.store.Storage;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * What happens rarely to an open log: opening, truncating, closing. Holds the directory's lock and
 * the current {@link LogRun}.
 *
 * <p>A truncation ends the run, changes the files with nobody writing, and starts a new one; the
 * lock keeps that apart from closing, and producers that meet the ended run wait on it for the
 * next.
 */
final class LogLifecycle {
    /** No result of an append: there is a new run, to be tried. */
    static final long AGAIN = 0;

    private final AppendLogConfig config;
    private final Runnable unlock;
    private final StorageSelector.Selection selection;
    private final DutyThread.Maker threads;
    private final StatsRecorder stats = new StatsRecorder();
    private final DurableListeners listeners = new DurableListeners(stats);
    private final ReentrantLock lock = new ReentrantLock();

    /** Tells readers that what they have seen may be gone. */
    private final AtomicLong truncations = new AtomicLong();

    /** Replaced under the lock, read without. */
    private volatile LogRun run;

    /** Written under the lock, before anyone can find the last run closed. */
    private volatile boolean isClosed;

    private LogLifecycle(
            AppendLogConfig config,
            StorageSelector.Selection selection,
            DutyThread.Maker threads,
            Runnable unlock) {
        this.config = config;
        this.unlock = unlock;
        this.selection = selection;
        this.threads = threads;
    }

    static LogLifecycle open(Path directory, AppendLogConfig config) {
        if (!config.createIfMissing()) {
            LogDirectoryLayout.checkForLog(directory);
        }
        StorePermissions permissions = permissions(config.filePermissions());
        LogDirectoryLayout.prepareForWriting(directory, permissions);
        DirectoryLock directoryLock = DirectoryLock.acquire(directory, permissions);
        try {
            return start(
                    config,
                    StorageSelector.select(directory, config, permissions),
                    DutyThread.THREADS,
                    directoryLock::close);
        } catch (Throwable thrown) {
            directoryLock.close();
            throw thrown;
        }
    }

    /**
     * Recovers the log in a storage that nobody else writes to, and starts it.
     *
     * @param unlock called when the log is closed
     */
    static LogLifecycle start(
            AppendLogConfig config,
            StorageSelector.Selection selection,
            DutyThread.Maker threads,
            Runnable unlock) {
        LogLifecycle lifecycle = new LogLifecycle(config, selection, threads, unlock);
        lifecycle.run = lifecycle.startRun(lifecycle.recoverOrBegin(), 0);
        return lifecycle;
    }

    private RecoveredLog recoverOrBegin() {
        RecoveredLog recovered = Recovery.recover(directory());
        if (config.firstIndex() == 0 || recovered.nextIndex() > 0) {
            return recovered;
        }
        SegmentSettings settings = LogRun.settings(config, storage());
        return FirstSegment.begin(directory(), settings, recovered, config.firstIndex());
    }

    /** Who may read files may search the directory; who may write them may change it. */
    private static StorePermissions permissions(Set<PosixFilePermission> file) {
        Set<PosixFilePermission> directory = EnumSet.noneOf(PosixFilePermission.class);
        directory.addAll(file);
        for (PosixFilePermission permission : file) {
            switch (permission) {
                case OWNER_READ -> directory.add(PosixFilePermission.OWNER_EXECUTE);
                case GROUP_READ -> directory.add(PosixFilePermission.GROUP_EXECUTE);
                case OTHERS_READ -> directory.add(PosixFilePermission.OTHERS_EXECUTE);
                default -> {}
            }
        }
        return new StorePermissions(file, directory);
    }

    /**
     * @param firstIndex announced already: what lies before it counts as gone, even if it was not
     *     removed yet
     */
    private LogRun startRun(RecoveredLog recovered, long firstIndex) {
        return LogRun.start(config, storage(), recovered, firstIndex, listeners, stats, threads);
    }

    Pipeline pipeline() {
        return run.pipeline();
    }

    Storage storage() {
        return selection.storage();
    }

    String backendReason() {
        return selection.reason();
    }

    private StoreDirectory directory() {
        return storage().directory();
    }

    long firstIndex() {
        return run.keeper().firstIndex();
    }

    LogStats stats() {
        SegmentKeeper keeper = run.keeper();
        return stats.snapshot(keeper.segmentCount(), keeper.readyCount());
    }

    void countDrop() {
        stats.onDrop();
    }

    DurableListeners listeners() {
        return listeners;
    }

    /** A reader that goes as far as {@code limit} has come. */
    LogReader openReader(Function<Pipeline, IndexWaiters> limit) {
        return new LogReader(
                directory(),
                () -> limit.apply(pipeline()).position(),
                truncations::get,
                config.nanoClock());
    }

    /**
     * What an append that found {@code ended} closed does: {@link #AGAIN} if a truncation has put a
     * new run in its place, else the code it ends with. Waits for a truncation under way if {@code
     * waits}; never for a log that is being closed, and never on the writer thread, which both wait
     * for.
     */
    long afterEnd(Pipeline ended, boolean waits) {
        if (waits && !isClosed && !ended.isWriterThread()) {
            awaitTruncation();
        }
        if (pipeline() != ended) {
            return AGAIN;
        }
        LogState.Phase phase = ended.state().phase();
        if (phase == LogState.Phase.FAILED) {
            return AppendLog.FAILED;
        }
        return isClosed ? AppendLog.CLOSED : AppendLog.BACK_PRESSURED;
    }

    private void awaitTruncation() {
        try {
            lock.lockInterruptibly();
            lock.unlock();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AppendException(
                    Code.INTERRUPTED,
                    "interrupted while waiting for a truncation; the entry was not appended");
        }
    }

    void truncateBefore(long index) {
        checkThread();
        lock.lock();
        try {
            checkOpen();
            long next = pipeline().nextIndex();
            if (index > next) {
                throw new IllegalArgumentException(
                        "index " + index + " lies beyond the next index " + next);
            }
            run.truncateBefore(index);
        } finally {
            lock.unlock();
        }
    }

    void truncateAfter(long index) {
        checkThread();
        lock.lock();
        try {
            checkOpen();
            checkTruncateAfter(index);
            awaitWritten();
            AppendException refusal;
            try {
                refusal = restart(index);
            } catch (RuntimeException | Error thrown) {
                pipeline().state().fail(thrown);
                throw thrown;
            }
            if (refusal != null) {
                throw refusal;
            }
            // Again, because retention may have gone beyond it meanwhile.
            checkTruncateAfter(index);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A truncation that can't stop the run in time ends the log; better to find out before, when
     * nothing has happened yet.
     */
    private void awaitWritten() {
        Pipeline current = pipeline();
        long last = current.nextIndex() - 1;
        if (last >= current.baseIndex()
                && !current.await(current.written(), last, config.closeTimeout().toNanos())) {
            throw new AppendException(
                    Code.BACK_PRESSURED,
                    "nothing was truncated: after "
                            + config.closeTimeout()
                            + " entries from index "
                            + (current.written().position() + 1)
                            + " on were neither committed nor aborted, or the disk had not taken"
                            + " them");
        }
    }

    /**
     * Ends this run, and starts the next without what follows {@code index}; or with it, where the
     * disk is too full for a truncation, which is returned.
     */
    private AppendException restart(long index) {
        run.stop();
        long firstIndex = firstIndex();
        if (pipeline().failure() != null) {
            throw pipeline().state().exception(AppendLog.FAILED);
        }
        RecoveredLog recovered = Recovery.recover(directory());
        truncations.incrementAndGet();
        AppendException refusal = null;
        if (index >= Math.max(firstIndex, recovered.firstIndex()) - 1) {
            try {
                recovered = Truncation.truncateAfter(directory(), recovered, index);
            } catch (AppendException thrown) {
                if (thrown.code() != Code.DISK_FULL) {
                    throw thrown;
                }
                recovered = Recovery.recover(directory());
                refusal = recovered.nextIndex() == index + 1 ? null : notTruncated(thrown);
            }
        }
        run = startRun(recovered, firstIndex);
        // Again: a reader may have looked between the count and the effect.
        truncations.incrementAndGet();
        return refusal;
    }

    private static AppendException notTruncated(AppendException full) {
        return new AppendException(
                Code.DISK_FULL, "nothing was truncated: " + full.getMessage(), full.file(), full);
    }

    private void checkTruncateAfter(long index) {
        long first = firstIndex();
        long next = pipeline().nextIndex();
        if (index < first - 1 || index >= next) {
            throw new IllegalArgumentException(
                    "index " + index + " must be from " + (first - 1) + " to " + (next - 1));
        }
    }

    private void checkThread() {
        if (pipeline().isWriterThread()) {
            throw new IllegalStateException(
                    "the writer thread can't wait for itself: a listener must neither close nor"
                            + " truncate its log");
        }
    }

    private void checkOpen() {
        if (isClosed) {
            throw new AppendException(Code.CLOSED, "the log is closed");
        }
        if (pipeline().failure() != null) {
            throw pipeline().state().exception(AppendLog.FAILED);
        }
    }

    /**
     * Ends the log. Where the disk does not answer, so that it may still write what it was given,
     * the directory stays locked until this process ends.
     */
    void close() {
        checkThread();
        lock.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
            try {
                run.stop();
            } finally {
                if (pipeline().hasLetGo()) {
                    unlock.run();
                }
            }
            AppendException failure = pipeline().failure();
            if (failure != null) {
                throw pipeline().state().exception(AppendLog.FAILED);
            }
        } finally {
            lock.unlock();
        }
    }
}
