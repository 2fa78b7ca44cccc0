package org.sluice.bench;

import org.HdrHistogram.Histogram;
import org.sluice.bench.peer.Appender;
import org.sluice.bench.peer.EntryPattern;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** One thread's part of a workload that appends. */
final class Producer {
    /** How many appends go by between two looks at the clock where each is not timed. */
    private static final int CLOCK_EVERY = 256;

    /** ASYNC_DURABLE times one entry in this many. */
    private static final int SAMPLE_EVERY = 64;

    private static final int PENDING_MAX = 1 << 20;
    private static final long NS_PER_SECOND = 1_000_000_000;
    private static final long DRAIN_NS = 10_000_000_000L;

    private final Workload workload;
    private final Appender appender;
    private final EntryPattern pattern;
    private final long entries;
    private final int number;
    private final Latencies latencies = new Latencies();

    // Made before the clock starts, because tens of megabytes take milliseconds to be touched
    // first; null where the workload, or the candidate, has no use for them.
    private final PendingEntries written;
    private final PendingEntries durable;
    private final WindowGate gate;

    /**
     * Written by the producer, read by who shows progress: a count that is a little old will do.
     */
    private volatile long shown;

    private long appended;

    Producer(Workload workload, Appender appender, int number) {
        this.workload = workload;
        this.appender = appender;
        this.number = number;
        pattern = new EntryPattern(workload.entryBytes(), number);
        entries = workload.entriesOf(number);
        boolean isPaced = workload.mode() == Mode.PACED;
        boolean isWindowed = workload.mode() == Mode.ASYNC_DURABLE;
        gate = isWindowed ? new WindowGate(appender, workload.window()) : null;
        written = isPaced ? pending(Latencies.Kind.WRITTEN, appender.written()) : null;
        if (isWindowed) {
            durable =
                    new PendingEntries(
                            workload.window() / SAMPLE_EVERY + 2,
                            latencies.of(Latencies.Kind.DURABLE));
        } else {
            boolean isSynced = isPaced && workload.syncs();
            durable = isSynced ? pending(Latencies.Kind.DURABLE, appender.durable()) : null;
        }
    }

    long shown() {
        return shown;
    }

    long appended() {
        return appended;
    }

    Latencies latencies() {
        return latencies;
    }

    /** Appends until the entries or the time are used up. */
    void run(long startNs) throws IOException {
        long deadlineNs = startNs + workload.durationNs();
        switch (workload.mode()) {
            case DURABLE -> appendAndWait(deadlineNs);
            case ASYNC_DURABLE -> appendInWindow(deadlineNs);
            case PACED -> appendPaced(startNs, deadlineNs);
            case IDLE -> appendNowAndThen(deadlineNs);
            case THROUGHPUT, REPLAY, RANDOM_READ -> append(deadlineNs);
        }
        shown = appended;
    }

    private void append(long deadlineNs) throws IOException {
        while (appended < entries) {
            pattern.next();
            appender.append(pattern);
            if (++appended % CLOCK_EVERY == 0) {
                shown = appended;
                if (System.nanoTime() - deadlineNs >= 0) {
                    return;
                }
            }
        }
    }

    private void appendAndWait(long deadlineNs) throws IOException {
        Histogram enqueue = latencies.of(Latencies.Kind.ENQUEUE);
        Histogram durable = latencies.of(Latencies.Kind.DURABLE);
        long beginNs = System.nanoTime();
        while (appended < entries && beginNs - deadlineNs < 0) {
            pattern.next();
            long ticket = appender.append(pattern);
            long appendedNs = System.nanoTime();
            appender.awaitDurable(ticket);
            long endNs = System.nanoTime();
            Latencies.record(enqueue, appendedNs - beginNs);
            Latencies.record(durable, endNs - beginNs);
            shown = ++appended;
            beginNs = endNs;
        }
    }

    private void appendInWindow(long deadlineNs) throws IOException {
        while (appended < entries) {
            gate.pass();
            pattern.next();
            boolean isSample = appended % SAMPLE_EVERY == 0;
            long beginNs = isSample ? System.nanoTime() : 0;
            long ticket = appender.append(pattern);
            gate.add(ticket);
            appended++;
            if (isSample) {
                long nowNs = System.nanoTime();
                Latencies.record(latencies.of(Latencies.Kind.ENQUEUE), nowNs - beginNs);
                durable.add(ticket, beginNs);
                observe();
                shown = appended;
                if (nowNs - deadlineNs >= 0) {
                    break;
                }
            }
        }
        drain();
    }

    /**
     * The k-th entry is due at a fixed time, whether or not the ones before it were late: an entry
     * that waits because another was slow counts its wait (no coordinated omission).
     */
    private void appendPaced(long startNs, long deadlineNs) throws IOException {
        Histogram enqueue = latencies.of(Latencies.Kind.ENQUEUE);
        double intervalNs = 1e9 * workload.producers() / workload.ratePerSecond();
        long firstNs = startNs + (long) (intervalNs * number / workload.producers());
        while (appended < entries) {
            long dueNs = firstNs + (long) (appended * intervalNs);
            if (dueNs - deadlineNs >= 0) {
                break;
            }
            pattern.next();
            while (System.nanoTime() - dueNs < 0) {
                observe();
                Thread.onSpinWait();
            }
            long ticket = appender.append(pattern);
            Latencies.record(enqueue, System.nanoTime() - dueNs);
            add(written, ticket, dueNs);
            add(durable, ticket, dueNs);
            shown = ++appended;
        }
        drain();
    }

    /**
     * One entry after the other, each waited for before a pause; every second, if the candidate can
     * wait for that, only until it is written.
     */
    private void appendNowAndThen(long deadlineNs) throws IOException {
        SplittableRandom random = new SplittableRandom(Workload.SEED + number);
        long intervalNs = NS_PER_SECOND * workload.producers() / workload.ratePerSecond();
        while (appended < entries) {
            long dueNs = System.nanoTime() + intervalNs / 2 + random.nextLong(intervalNs + 1);
            if (dueNs - deadlineNs >= 0) {
                break;
            }
            pauseUntil(dueNs);
            pattern.next();
            appendOnce(appended % 2 == 1);
            shown = ++appended;
        }
    }

    private static void pauseUntil(long dueNs) {
        long leftNs = dueNs - System.nanoTime();
        while (leftNs > 0) {
            LockSupport.parkNanos(leftNs);
            leftNs = dueNs - System.nanoTime();
        }
    }

    private void appendOnce(boolean onlyWritten) throws IOException {
        long beginNs = System.nanoTime();
        long ticket = appender.append(pattern);
        long appendedNs = System.nanoTime();
        Latencies.Kind until = Latencies.Kind.WRITTEN;
        if (!onlyWritten || !appender.awaitWritten(ticket)) {
            appender.awaitDurable(ticket);
            until = Latencies.Kind.DURABLE;
        }
        long endNs = System.nanoTime();
        Latencies.record(latencies.of(Latencies.Kind.ENQUEUE), appendedNs - beginNs);
        Latencies.record(latencies.of(until), endNs - beginNs);
        recordIfKnown(Latencies.Kind.WOKEN, appender.wokenNs(), beginNs, endNs);
        recordIfKnown(Latencies.Kind.TAKEN_UP, appender.takenUpNs(), beginNs, endNs);
    }

    /** What came later was for another producer's entry. */
    private void recordIfKnown(Latencies.Kind kind, long ns, long beginNs, long endNs) {
        if (ns != Appender.UNKNOWN && ns - endNs <= 0) {
            Latencies.record(latencies.of(kind), ns - beginNs);
        }
    }

    /** Null if the candidate does not know that position. */
    private PendingEntries pending(Latencies.Kind kind, long position) {
        return position == Appender.UNKNOWN
                ? null
                : new PendingEntries(PENDING_MAX, latencies.of(kind));
    }

    private static void add(PendingEntries pending, long ticket, long dueNs) {
        if (pending != null) {
            pending.add(ticket, dueNs);
        }
    }

    /** Reads the clock behind the positions: before them it may tell a time too early. */
    private void observe() {
        long writtenTo = written == null ? Appender.UNKNOWN : appender.written();
        long durableTo = durable == null ? Appender.UNKNOWN : appender.durable();
        long nowNs = System.nanoTime();
        if (written != null) {
            written.reach(writtenTo, nowNs);
        }
        if (durable != null) {
            durable.reach(durableTo, nowNs);
        }
    }

    /** Waits until what is pending got there, as far as it does without being asked. */
    private void drain() {
        long untilNs = System.nanoTime() + DRAIN_NS;
        while (!isEmpty(written) || !isEmpty(durable)) {
            if (System.nanoTime() - untilNs >= 0) {
                throw new IllegalStateException("entries were not acknowledged within 10 s");
            }
            observe();
            if (!isBehind(written) && !isBehind(durable)) {
                LockSupport.parkNanos(1_000);
            }
        }
    }

    private static boolean isBehind(PendingEntries pending) {
        return pending != null && pending.isBehind();
    }

    private static boolean isEmpty(PendingEntries pending) {
        return pending == null || pending.isEmpty();
    }
}
