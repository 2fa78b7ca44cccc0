package org.sluice.appender;

import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.sluice.store.AppendException;

import java.util.concurrent.CountDownLatch;

/**
 * The thread that drives a {@link Writer}: starts it, turns its duty cycle until it has ended or
 * failed, and releases it. The ring of io_uring belongs to the thread that made it, so all of that
 * happens here.
 */
final class WriterThread implements Duty {
    /** Makes the writer, on the writer thread. */
    interface Maker {
        Writer make();
    }

    private static final long AWAIT_NS = 1_000_000;

    /** Turns without work after which the writer may sleep for longer than a wake-up takes. */
    private static final int TURNS_BEFORE_SLEEP = 34;

    private final Runnable onStart;
    private final Maker maker;
    private final LogState state;
    private final IndexWaiters writtenWaiters;
    private final IndexWaiters durableWaiters;
    private final IdleStrategy idle;
    private final DutyThread thread;

    /** Set by the writer thread before {@link #started}; then read-only. */
    private Writer writer;

    private final CountDownLatch started = new CountDownLatch(1);

    /**
     * Whether the writer has had nothing to do for a while. Written by its thread, read by
     * producers, who may see it late: the writer looks up by itself in time.
     */
    private volatile boolean isAsleep;

    private int idleTurns;
    private volatile boolean ended;
    private volatile boolean hasLetGo;
    private volatile boolean hasFinished;
    private volatile boolean gaveUp;

    WriterThread(
            Runnable onStart,
            Maker maker,
            LogState state,
            IndexWaiters writtenWaiters,
            IndexWaiters durableWaiters,
            IdleStrategy idle,
            DutyThread.Maker threads) {
        this.onStart = onStart;
        this.maker = maker;
        this.state = state;
        this.writtenWaiters = writtenWaiters;
        this.durableWaiters = durableWaiters;
        this.idle = idle;
        this.thread = threads.make(this, "sluice-writer");
    }

    /**
     * Starts the thread and waits until its writer is made; throws what kept it from being made.
     */
    void start() {
        thread.start();
        boolean isInterrupted = false;
        while (started.getCount() > 0) {
            try {
                started.await();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (writer == null) {
            throw state.failure();
        }
    }

    /** Lets an idle writer look up. */
    void wake() {
        thread.wake();
    }

    /** Whether an entry that is published now may wait for the writer to look up. */
    boolean isAsleep() {
        return isAsleep;
    }

    boolean isCurrent() {
        return thread.isCurrent();
    }

    /** Whether the thread will submit nothing more, and raise no position. */
    boolean hasEnded() {
        return ended;
    }

    /** Whether the writer did all it was to do before the thread ended. */
    boolean hasFinished() {
        return hasFinished;
    }

    /**
     * Whether the disk has ended all that the writer gave it. If not, it may still change the
     * files, even when the thread is gone.
     */
    boolean hasLetGo() {
        return hasLetGo;
    }

    Writer writer() {
        return writer;
    }

    /** Ends the writer without finishing, because {@code cause} says that it can't. */
    void giveUp(AppendException cause) {
        state.fail(cause);
        gaveUp = true;
        wake();
    }

    /**
     * Waits for the thread to end.
     *
     * @return false if it has not after {@code timeoutNs}
     */
    boolean join(long timeoutNs) {
        return thread.join(timeoutNs);
    }

    @Override
    public void begin() {
        try {
            runOnStart();
            writer = maker.make();
            started.countDown();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void runOnStart() {
        try {
            onStart.run();
        } catch (RuntimeException thrown) {
            throw new AppendException(
                    AppendException.Code.FAILED, "onWriterStart threw " + thrown, thrown);
        }
    }

    @Override
    public boolean turn() {
        try {
            if (writer == null || gaveUp) {
                return false;
            }
            if (writer.isEnded()) {
                hasFinished = true;
                return false;
            }
            int work = writer.doWork();
            if (writer.isInFlight()
                    && (writer.isStarved() || (work == 0 && !writer.isCollecting()))) {
                writer.await(AWAIT_NS);
            } else if (writer.isHolding()) {
                YieldingIdleStrategy.INSTANCE.idle();
            } else if (work == 0 && writer.isCollecting()) {
                thread.park(GatherPace.COLLECT_NS);
            } else {
                idle(work);
            }
            return true;
        } catch (Throwable thrown) {
            fail(thrown);
            return false;
        }
    }

    private void idle(int work) {
        // Nothing is written that has not changed: producers read what lies beside it.
        if (work == 0 && idleTurns < TURNS_BEFORE_SLEEP) {
            idleTurns++;
            isAsleep = idleTurns == TURNS_BEFORE_SLEEP;
        } else if (work > 0 && idleTurns > 0) {
            idleTurns = 0;
            isAsleep = false;
        }
        idle.idle(work);
    }

    @Override
    public void end() {
        // Whoever waits must not wait for what is still in flight when something has failed.
        ended = true;
        writtenWaiters.wakeAll();
        durableWaiters.wakeAll();
        release();
        started.countDown();
    }

    private void fail(Throwable thrown) {
        state.fail(thrown);
    }

    private void release() {
        try {
            if (writer != null) {
                writer.release();
            }
        } catch (RuntimeException thrown) {
            // The log has ended either way; a failure that came first is the one to tell.
            if (state.failure() == null) {
                fail(thrown);
            }
        }
        // A file that could not be closed keeps nobody from the directory; a write in flight does.
        hasLetGo = writer == null || !writer.isInFlight();
    }
}
