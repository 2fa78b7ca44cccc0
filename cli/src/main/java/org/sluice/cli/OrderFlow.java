package org.sluice.cli;

import org.HdrHistogram.Histogram;
import org.sluice.appender.AppendLog;
import org.sluice.appender.LogStats;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/** The writing part of {@code demo}: several threads journal orders for some seconds. */
final class OrderFlow {
    private static final long SHOW_MS = 200;

    private final BooleanSupplier isInterrupted;
    private final List<OrderProducer> producers = new ArrayList<>();
    private final long durationNs;
    private volatile boolean isOver;

    OrderFlow(DemoSettings settings, BooleanSupplier isInterrupted) {
        this.isInterrupted = isInterrupted;
        durationNs = TimeUnit.SECONDS.toNanos(settings.seconds());
        double rate = (double) settings.ordersPerSecond() / settings.threads();
        for (int i = 0; i < settings.threads(); i++) {
            producers.add(new OrderProducer(i, rate, settings.warmUpNs()));
        }
    }

    /** Runs to its end; everything is durable when it returns. */
    DemoResult run(AppendLog log, ProgressLine progress) {
        log.onDurable(this::onDurable);
        long startNs = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (OrderProducer producer : producers) {
            Runnable flow = () -> producer.run(log, () -> !isOver);
            threads.add(Thread.ofPlatform().name("order-" + threads.size()).start(flow));
        }
        try {
            watch(log, startNs, progress);
        } finally {
            isOver = true;
            // At a low rate the next order may be many minutes away.
            threads.forEach(LockSupport::unpark);
            threads.forEach(OrderFlow::join);
        }
        for (OrderProducer producer : producers) {
            if (producer.failure() != null) {
                throw producer.failure();
            }
        }
        log.sync();
        long tookNs = System.nanoTime() - startNs;
        return new DemoResult(
                sum(OrderProducer::orders), sum(OrderProducer::bytes), tookNs, log.stats());
    }

    private void watch(AppendLog log, long startNs, ProgressLine progress) {
        LogStats before = log.stats();
        long beforeNs = startNs;
        while (!isInterrupted.getAsBoolean()) {
            long leftNs = durationNs - (System.nanoTime() - startNs);
            if (leftNs <= 0 || !pause(Math.min(leftNs, TimeUnit.MILLISECONDS.toNanos(SHOW_MS)))) {
                return;
            }
            LogStats now = log.stats();
            long nowNs = System.nanoTime();
            String line = figures(log, before, now, nowNs - beforeNs);
            progress.show(() -> line);
            before = now;
            beforeNs = nowNs;
        }
    }

    private String figures(AppendLog log, LogStats before, LogStats now, long ns) {
        long lag = Math.max(0, log.nextIndex() - 1 - log.durableIndex());
        return String.format(
                Locale.ROOT,
                "%s entries/s, %s/s, durable lag %s",
                Figures.count(Math.round(Figures.perSecond(now.entries() - before.entries(), ns))),
                Figures.bytes(Figures.perSecond(now.payloadBytes() - before.payloadBytes(), ns)),
                Figures.entries(lag));
    }

    /** On the log's writer thread. */
    private void onDurable(long index) {
        long nowNs = System.nanoTime();
        for (OrderProducer producer : producers) {
            producer.onDurable(index, nowNs);
        }
    }

    /** How long appends took, over all threads; when the log is closed. */
    Histogram enqueueNs() {
        Histogram all = new Histogram(producers.getFirst().enqueueNs());
        producers.forEach(producer -> all.add(producer.enqueueNs()));
        return all;
    }

    /** How long entries took to be durable, over all threads; when the log is closed. */
    Histogram durableNs() {
        Histogram all = new Histogram(producers.getFirst().durableNs());
        producers.forEach(producer -> all.add(producer.durableNs()));
        return all;
    }

    private long sum(ToLongFunction<OrderProducer> value) {
        return producers.stream().mapToLong(value).sum();
    }

    private static boolean pause(long ns) {
        try {
            TimeUnit.NANOSECONDS.sleep(ns);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
