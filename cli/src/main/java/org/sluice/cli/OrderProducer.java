package org.sluice.cli;

import org.HdrHistogram.Histogram;
import org.sluice.appender.AppendLog;
import org.sluice.appender.EntryClaim;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One thread of {@code demo}: appends orders at an even rate and, once warm, measures how long that
 * takes.
 */
final class OrderProducer {
    private static final int SAMPLE_EVERY = 8;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long NS_MAX = 60 * NS_PER_SECOND;
    private static final int DIGITS = 3;
    private static final long FIRST_PRICE = 1_000_000;

    private final int thread;
    private final long intervalNs;
    private final long warmUpNs;
    private final DurableSamples durable = new DurableSamples();
    private final Histogram enqueueNs = new Histogram(NS_MAX, DIGITS);
    private final EntryClaim claim = new EntryClaim();
    private final SplittableRandom random;
    private long sequence;
    private long bytes;
    private long price = FIRST_PRICE;
    private RuntimeException failure;

    OrderProducer(int thread, double ordersPerSecond, long warmUpNs) {
        this.thread = thread;
        this.warmUpNs = warmUpNs;
        intervalNs = Math.max(1, Math.round(NS_PER_SECOND / ordersPerSecond));
        random = new SplittableRandom(thread);
    }

    /** The thread's life. */
    void run(AppendLog log, BooleanSupplier goesOn) {
        try {
            long warmNs = System.nanoTime() + warmUpNs;
            long dueNs = warmNs - warmUpNs;
            while (goesOn.getAsBoolean()) {
                long nowNs = System.nanoTime();
                if (nowNs < dueNs) {
                    LockSupport.parkNanos(dueNs - nowNs);
                } else {
                    append(log, nowNs, nowNs - warmNs >= 0);
                    dueNs += intervalNs;
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void append(AppendLog log, long startNs, boolean isMeasured) {
        price = Math.max(1, price + random.nextInt(-5, 6));
        int length = OrderRecord.bytes(sequence);
        long index = log.claim(length, claim);
        OrderRecord.encode(claim.buffer(), thread, sequence, price);
        claim.commit();
        if (isMeasured) {
            enqueueNs.recordValue(Math.min(System.nanoTime() - startNs, NS_MAX));
            if (sequence % SAMPLE_EVERY == 0) {
                durable.add(index, startNs);
            }
        }
        sequence++;
        bytes += length;
    }

    /** Takes the measurements of what is durable now; called by one thread. */
    void onDurable(long index, long nowNs) {
        durable.onDurable(index, nowNs);
    }

    // ---- when the thread has ended ----

    long orders() {
        return sequence;
    }

    long bytes() {
        return bytes;
    }

    Histogram enqueueNs() {
        return enqueueNs;
    }

    Histogram durableNs() {
        return durable.latencyNs();
    }

    /** Why it ended early, or null. */
    RuntimeException failure() {
        return failure;
    }
}
