package org.sluice.bench.soak;

import org.sluice.appender.AppendLog;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that use one open log in every way there is, until they are told to end or one fails.
 *
 * <p>The tailing reader checks every entry, and those who append keep near it, so that retention
 * never gives up what was not checked.
 */
final class Load {
    /** Nothing that still makes progress takes this long. */
    static final long STUCK_NS = TimeUnit.SECONDS.toNanos(60);

    private static final long BEHIND_MAX = 4_096;
    private static final long PAUSE_NS = 50_000;
    private static final int SYNCING_THREADS = 2;
    private static final int READING_THREADS = 2;

    /** One thread's part. */
    interface Actor extends AutoCloseable {
        /** Does a little. */
        void turn();

        @Override
        default void close() {}
    }

    /** Made on the thread that it is for. */
    private interface Maker {
        Actor make();
    }

    private final AppendLog log;
    private final Path directory;
    private final SoakCounts counts;
    private final SplittableRandom random;
    private final Tail tail;
    private final List<Thread> writing = new ArrayList<>();
    private final List<Thread> reading = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean isOver;
    private volatile boolean isWritten;

    Load(AppendLog log, Path directory, SoakCounts counts, SplittableRandom random) {
        this.log = log;
        this.directory = directory;
        this.counts = counts;
        this.random = random;
        this.tail = new Tail(log, counts);
    }

    /** Starts all threads; the producers are numbered from {@code firstProducer}. */
    void start(int producers, int firstProducer) {
        for (int i = 0; i < producers; i++) {
            SplittableRandom choices = random.split();
            int producer = firstProducer + i;
            add(writing, "soak-producer-" + i, () -> new Producing(this, producer, choices));
        }
        for (int i = 0; i < SYNCING_THREADS; i++) {
            SplittableRandom choices = random.split();
            add(writing, "soak-waiter-" + i, () -> new Waiting(this, choices));
        }
        for (int i = 0; i < READING_THREADS; i++) {
            SplittableRandom choices = random.split();
            add(reading, "soak-reader-" + i, () -> new ReadingAnywhere(this, choices));
        }
        SplittableRandom choices = random.split();
        add(reading, "soak-truncation", () -> new Truncating(this, choices));
        Thread tailing = Thread.ofPlatform().name("soak-tail").unstarted(this::tail);
        reading.add(tailing);
        writing.forEach(Thread::start);
        reading.forEach(Thread::start);
    }

    private void add(List<Thread> threads, String name, Maker maker) {
        threads.add(Thread.ofPlatform().name(name).unstarted(() -> act(maker)));
    }

    private void act(Maker maker) {
        try (Actor actor = maker.make()) {
            while (!isOver) {
                actor.turn();
            }
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void tail() {
        try (tail) {
            while (!isWritten || !tail.isDone()) {
                if (failure.get() != null) {
                    return;
                }
                tail.turn();
            }
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void fail(Throwable thrown) {
        failure.compareAndSet(null, thrown);
        isOver = true;
    }

    /** Whether a thread has failed. */
    boolean hasFailed() {
        return failure.get() != null;
    }

    /** Ends all threads; the tailing reader has checked everything then. */
    void end() throws InterruptedException {
        isOver = true;
        join(writing);
        isWritten = true;
        join(reading);
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException(thrown.toString(), thrown);
        }
    }

    private void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofNanos(STUCK_NS))) {
                IllegalStateException stuck =
                        new IllegalStateException(thread.getName() + " does not end");
                stuck.setStackTrace(thread.getStackTrace());
                failure.compareAndSet(null, stuck);
                break;
            }
        }
    }

    // ---- for the actors ----

    AppendLog log() {
        return log;
    }

    Path directory() {
        return directory;
    }

    SoakCounts counts() {
        return counts;
    }

    /** All before it were checked in order. */
    long tailIndex() {
        return tail.index();
    }

    /** Waits for the tailing reader, if it is far behind. */
    void keepNear() {
        while (!isOver && log.nextIndex() - tail.index() > BEHIND_MAX) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }
}
