package org.sluice.appender;

import org.agrona.concurrent.YieldingIdleStrategy;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SegmentKeeper;
import org.sluice.store.Storage;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The way of the entries in one {@link LogRun}: the slots, the writer thread behind them, and how
 * producers claim and wait.
 *
 * <p>Closing against appending: the closing thread first sets the state, then claims a slot of its
 * own. A producer looks at the state after it has claimed. So whoever claimed before the closing
 * thread is written, and whoever claimed after sees that the log is closed.
 */
final class Pipeline implements IndexWaiters.Progress {
    private static final int YIELDS_BEFORE_PARK = 100;
    private static final long PARK_NS = 50_000;

    /** A disk that is full, or stands still, keeps producers longer than a busy one does. */
    private static final int TRIES_BEFORE_LONG_PARK = 300;

    private static final long LONG_PARK_NS = 1_000_000;
    private static final long GIVE_UP_JOIN_NS = TimeUnit.SECONDS.toNanos(60);

    private final AppendLogConfig config;
    private final StatsRecorder stats;
    private final Slots slots;
    private final LogState state;
    private final IndexWaiters writtenWaiters;
    private final IndexWaiters durableWaiters;
    private final DurableListeners listeners;
    private final WriterThread thread;
    private final long baseIndex;

    /**
     * Written by the closing thread: what is claimed behind it, by itself for one, is not written.
     */
    private volatile long lastSequence = Long.MAX_VALUE;

    Pipeline(
            AppendLogConfig config,
            Storage storage,
            RecoveredLog recovered,
            RecoveredLog.Segment tail,
            SegmentKeeper keeper,
            DurableListeners listeners,
            StatsRecorder stats,
            DutyThread.Maker threads) {
        this.config = config;
        this.stats = stats;
        this.slots = new Slots(config);
        this.baseIndex = recovered.nextIndex();
        long yieldNs = config.awaitYield().toNanos();
        this.writtenWaiters = new IndexWaiters(baseIndex - 1, yieldNs);
        this.durableWaiters = new IndexWaiters(baseIndex - 1, yieldNs);
        this.state = new LogState(storage.directory().path(), durableWaiters::position);
        WriterThread.Maker maker =
                () ->
                        new Writer(
                                config,
                                storage,
                                recovered,
                                tail,
                                slots,
                                keeper,
                                state,
                                writtenWaiters,
                                durableWaiters,
                                listeners,
                                stats);
        this.listeners = listeners;
        this.thread =
                new WriterThread(
                        config.onWriterStart(),
                        maker,
                        state,
                        writtenWaiters,
                        durableWaiters,
                        config.idleStrategy().get(),
                        threads);
    }

    void start() {
        thread.start();
    }

    Slots slots() {
        return slots;
    }

    /** An entry's index is its sequence plus this. */
    long baseIndex() {
        return baseIndex;
    }

    /** The index the next claim gets; once the run is ended, the one after the last entry. */
    long nextIndex() {
        return baseIndex + Math.min(slots.cursor(), lastSequence) + 1;
    }

    /** Whether the calling thread is the one that writes, and so must wait for nothing. */
    boolean isWriterThread() {
        return thread.isCurrent();
    }

    IndexWaiters written() {
        return writtenWaiters;
    }

    IndexWaiters durable() {
        return durableWaiters;
    }

    LogState state() {
        return state;
    }

    // ---- claiming ----

    /**
     * Claims a slot without waiting: its sequence, or one of {@link AppendLog}'s negative codes.
     */
    long tryClaim() {
        LogState.Phase before = state.phase();
        if (before != LogState.Phase.OPEN) {
            return LogState.code(before);
        }
        long sequence = slots.tryClaim();
        if (sequence == Slots.NONE_FREE) {
            return AppendLog.BACK_PRESSURED;
        }
        LogState.Phase after = state.phase();
        if (after == LogState.Phase.FAILED || after == LogState.Phase.CLOSED) {
            slots.putAborted(sequence);
            slots.publish(sequence);
            return LogState.code(after);
        }
        return sequence;
    }

    /** As {@link #tryClaim}, but waits for a slot if the log was told to. */
    long claim() {
        long sequence = tryClaim();
        for (int tries = 0; sequence == AppendLog.BACK_PRESSURED && mayWait(); tries++) {
            pause(tries);
            sequence = tryClaim();
        }
        return sequence;
    }

    /**
     * The entry is the writer's. One who waits for it wakes the writer; where only listeners will
     * be told, which may be soon or never, an append does.
     */
    void publish(long sequence) {
        slots.publish(sequence);
        if (!listeners.isEmpty() && thread.isAsleep()) {
            thread.wake();
        }
    }

    /** A buffer for a long entry, or null; then {@link #overflowCode} says why. */
    OverflowBuffer takeOverflow(boolean waits) {
        slots.checkNoClaim();
        OverflowBuffer buffer = slots.takeOverflow();
        for (int tries = 0; buffer == null && waits && isOpen() && mayWait(); tries++) {
            pause(tries);
            buffer = slots.takeOverflow();
        }
        return buffer;
    }

    /** Why {@link #takeOverflow} gave none. */
    long overflowCode(boolean waits) {
        LogState.Phase phase = state.phase();
        if (phase != LogState.Phase.OPEN) {
            return LogState.code(phase);
        }
        // Who may wait was kept from it by a disk that was full a moment ago.
        return waits && mayWait() ? AppendLog.DISK_FULL : AppendLog.BACK_PRESSURED;
    }

    private boolean isOpen() {
        return state.phase() == LogState.Phase.OPEN;
    }

    /** The writer must not wait for itself, as when a listener appends. */
    private boolean mayWait() {
        return config.backPressure() == BackPressure.BLOCK && !thread.isCurrent();
    }

    private void pause(int tries) {
        if (tries == 0) {
            stats.onWait();
        }
        if (tries < YIELDS_BEFORE_PARK) {
            // It is the writer that frees slots, and it may be waiting for this very core.
            YieldingIdleStrategy.INSTANCE.idle();
            return;
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new AppendException(
                    Code.INTERRUPTED,
                    "interrupted while waiting for a free slot; the entry was not appended");
        }
        LockSupport.parkNanos(this, tries < TRIES_BEFORE_LONG_PARK ? PARK_NS : LONG_PARK_NS);
    }

    // ---- waiting ----

    /**
     * Waits until {@code waiters} have reached {@code index}.
     *
     * @return false if they have not after {@code timeoutNs}
     */
    boolean await(IndexWaiters waiters, long index, long timeoutNs) {
        if (waiters.position() >= index) {
            return true;
        }
        checkAwaitable(index);
        return waiters.await(index, timeoutNs, this);
    }

    /**
     * Waits until {@code waiters} have reached all that was appended before the call.
     *
     * @return false if they have not after {@code timeoutNs}
     */
    boolean awaitAll(IndexWaiters waiters, long timeoutNs) {
        long last = nextIndex() - 1;
        try {
            return await(waiters, last, timeoutNs);
        } catch (IllegalArgumentException | AppendException thrown) {
            // Who ends a run claims a slot, which counts for a moment and is no entry.
            if (nextIndex() > last) {
                throw thrown;
            }
            return await(waiters, nextIndex() - 1, timeoutNs);
        }
    }

    @Override
    public void onWaiting() {
        thread.wake();
    }

    private void checkAwaitable(long index) {
        if (index >= nextIndex()) {
            throw new IllegalArgumentException(
                    "index " + index + " was not appended; the next is " + nextIndex());
        }
        if (thread.isCurrent()) {
            throw new IllegalStateException(
                    "the writer thread can't wait for itself: a listener must not wait");
        }
    }

    @Override
    public void check(IndexWaiters waiters, long index) {
        boolean isFailed = state.phase() == LogState.Phase.FAILED;
        if (isFailed || thread.hasEnded()) {
            // The last positions were raised before the end was announced. A writer that was given
            // up may not have ended, and wakes nobody; waiters look here from time to time.
            if (waiters.position() >= index) {
                return;
            }
            throw state.exception(
                    state.phase() == LogState.Phase.FAILED ? AppendLog.FAILED : AppendLog.CLOSED);
        }
        if (state.phase() == LogState.Phase.DISK_FULL) {
            throw state.exception(AppendLog.DISK_FULL);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new AppendException(
                    Code.INTERRUPTED, "interrupted while waiting for index " + index);
        }
    }

    // ---- ending ----

    /**
     * Lets nothing more in, and waits until all that came in is on disk as the policy asks, or the
     * configured time is over.
     */
    void stop() {
        long deadlineNs = System.nanoTime() + config.closeTimeout().toNanos();
        state.close();
        long last = finalSequence(deadlineNs);
        lastSequence = Math.min(last, lastSequence);
        if (last >= 0 || !thread.hasEnded()) {
            thread.writer().closeAt(last);
        }
        thread.wake();
        if (!thread.join(Math.max(1, deadlineNs - System.nanoTime()))) {
            thread.giveUp(unfinished());
            thread.join(GIVE_UP_JOIN_NS);
        } else if (!thread.hasFinished()) {
            // Mostly told already. If not, the thread was at its end before it could.
            state.fail(new AppendException(Code.FAILED, "the writer thread ended too early"));
        }
    }

    private AppendException unfinished() {
        String why =
                stats.isDiskFull()
                        ? " on were not written: the disk is full"
                        : " on were claimed and neither committed nor aborted, or the disk did not"
                                + " take them";
        return new AppendException(
                Code.FAILED,
                "close gave up after "
                        + config.closeTimeout()
                        + ": entries from index "
                        + (writtenWaiters.position() + 1)
                        + why);
    }

    /** The last sequence to be written; see the class comment. */
    private long finalSequence(long deadlineNs) {
        if (config.producers() == Producers.SINGLE) {
            return slots.cursor();
        }
        long sequence = slots.tryClaim();
        while (sequence == Slots.NONE_FREE
                && !thread.hasEnded()
                && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(this, PARK_NS);
            sequence = slots.tryClaim();
        }
        if (sequence == Slots.NONE_FREE) {
            return slots.cursor();
        }
        // It is never published, so the writer can't go beyond it before it knows where to end.
        return sequence - 1;
    }

    /** Whether, after {@link #stop}, others may write to the files. */
    boolean hasLetGo() {
        return thread.hasLetGo();
    }

    /** The failure that ended the log, or null. */
    AppendException failure() {
        return state.failure();
    }

    /** The segment written to last, or null; for trimming it after {@link #stop}. */
    ActiveSegment lastSegment() {
        Writer writer = thread.writer();
        return writer == null ? null : writer.segment();
    }
}
