package org.sluice.bench.soak;

import org.sluice.appender.AppendLog;
import org.sluice.appender.LogReader;
import org.sluice.store.Backend;

import java.io.IOException;
import java.io.PrintStream;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens one log again and again, in this process and in others that are killed, puts it under load
 * each time, and compares what this process holds afterwards with what it held when it was warm.
 */
final class Soak {
    private static final long WARM_UP_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long OPEN_NS_MIN = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long OPEN_NS_MAX = TimeUnit.SECONDS.toNanos(4);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int KILLED_EVERY = 5;
    private static final int CUT_EVERY = 4;
    private static final int CUT_MAX = 500;

    private final SoakSettings settings;
    private final SoakCounts counts = new SoakCounts();
    private final SplittableRandom random;
    private final PrintStream out;
    private final SoakProgress progress;
    private final Settling settling;
    private int runs;
    private int nextProducer;

    /** The log goes on at this index, or behind it if {@link #mayHaveMore}. */
    private long nextIndex;

    private boolean mayHaveMore;

    Soak(SoakSettings settings, PrintStream out, PrintStream progress) {
        this.settings = settings;
        this.out = out;
        this.random = new SplittableRandom(settings.seed());
        this.progress = new SoakProgress(progress, settings, counts);
        this.settling = new Settling(settings.directory());
    }

    /** Does it; whether everything is back in its place then. */
    boolean run() throws IOException, InterruptedException {
        warmUp();
        Footprint before = settling.first();
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < settings.durationNs()) {
            long leftNs = settings.durationNs() - (System.nanoTime() - startNs);
            long openNs = Math.min(leftNs, random.nextLong(OPEN_NS_MIN, OPEN_NS_MAX));
            if (random.nextInt(KILLED_EVERY) == 0) {
                kill(openNs);
            } else {
                runOpen(openNs);
            }
        }
        empty();
        long elapsedNs = System.nanoTime() - startNs;
        progress.end();
        Comparison comparison = settling.compare(before);
        comparison.print(out);
        out.printf(
                "%nsoak of %.2f minutes over %s, seed %d:%n  %s%n",
                elapsedNs / 60e9, settings.backends(), settings.seed(), counts);
        out.println(
                comparison.isBack()
                        ? "everything is back where it was"
                        : "not back where it was: " + String.join(", ", comparison.exceeded()));
        return comparison.isBack();
    }

    /** Everything once, so that all classes are there and all pools are made. */
    private void warmUp() throws IOException, InterruptedException {
        for (int i = 0; i < settings.backends().size(); i++) {
            runOpen(WARM_UP_NS);
        }
        kill(WARM_UP_NS);
        runOpen(WARM_UP_NS);
        empty();
    }

    private Backend nextBackend() {
        return settings.backends().get(runs++ % settings.backends().size());
    }

    private int firstProducer() {
        int first = nextProducer;
        nextProducer += settings.producers();
        return first;
    }

    private AppendLog open(Backend backend) {
        AppendLog log = AppendLog.open(settings.directory(), SoakLog.config(backend, random));
        long next = log.nextIndex();
        if (mayHaveMore ? next < nextIndex : next != nextIndex) {
            log.close();
            throw new IllegalStateException(
                    "the log goes on at " + next + " instead of " + nextIndex);
        }
        return log;
    }

    /** Opens the log, puts it under load for a while, and closes it. */
    private void runOpen(long openNs) throws InterruptedException {
        Backend backend = nextBackend();
        try (AppendLog log = open(backend)) {
            Load load = new Load(log, settings.directory(), counts, random.split());
            load.start(settings.producers(), firstProducer());
            long startNs = System.nanoTime();
            while (!load.hasFailed() && System.nanoTime() - startNs < openNs) {
                LockSupport.parkNanos(PAUSE_NS);
                progress.show(backend.name());
            }
            load.end();
            counts.rolls.add(log.stats().rolls());
            if (random.nextInt(CUT_EVERY) == 0) {
                cut(log);
            }
            closedAt(log.nextIndex());
        }
        counts.restarts.increment();
    }

    private void cut(AppendLog log) {
        long end = log.nextIndex();
        long last = Math.max(log.firstIndex(), end - random.nextInt(CUT_MAX)) - 1;
        log.truncateAfter(last);
        counts.truncatedAfter.increment();
        if (log.nextIndex() != last + 1) {
            throw new IllegalStateException(
                    "cut behind " + last + ", the log goes on at " + log.nextIndex());
        }
    }

    private void closedAt(long index) {
        nextIndex = index;
        mayHaveMore = false;
    }

    /** Lets another process use the log, kills it, and looks at what it left. */
    private void kill(long lifeNs) throws IOException, InterruptedException {
        Backend backend = nextBackend();
        progress.show(backend.name() + " in a process to be killed");
        long safe =
                new KilledProcess(settings)
                        .run(backend, random.nextLong(), firstProducer(), lifeNs);
        counts.kills.increment();
        counts.acknowledgedByKilled.add(Math.max(0, safe + 1 - nextIndex));
        nextIndex = Math.max(nextIndex, safe + 1);
        mayHaveMore = true;
        try (LogReader reader = LogReader.open(settings.directory())) {
            OrderCheck check = new OrderCheck(reader.firstIndex());
            while (reader.poll(check, Integer.MAX_VALUE) > 0) {
                progress.show(backend.name() + ", killed");
            }
            check.checkGap(reader.nextIndex());
            counts.tailed.add(check.checked());
            if (reader.nextIndex() < nextIndex) {
                throw new IllegalStateException(
                        "the log of a killed process ends before "
                                + reader.nextIndex()
                                + ", and "
                                + (nextIndex - 1)
                                + " was durable");
            }
            nextIndex = reader.nextIndex();
        }
    }

    /** Gives up all entries, so that the files don't depend on how many there happen to be. */
    private void empty() {
        try (AppendLog log = open(nextBackend())) {
            log.truncateBefore(log.nextIndex());
            closedAt(log.nextIndex());
        }
    }
}
