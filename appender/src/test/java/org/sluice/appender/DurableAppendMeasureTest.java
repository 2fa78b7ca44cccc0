package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.UringOptions;
import org.sluice.ring.UringOptions.SyncMethod;
import org.sluice.ring.UringProbe;
import org.sluice.ring.UringStorage;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.Preallocation;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures durable appends of 256 B by 1, 8 and 64 producers that each wait for their entry, and a
 * stream of such entries acknowledged by a listener, for each way to make batches durable over
 * io_uring; interleaved over several rounds, medians printed: numbers of the decision record on
 * durability.
 *
 * <p>{@code mvn -pl appender -am -Pmeasure test -Dtest=DurableAppendMeasureTest
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
@Tag("measure")
class DurableAppendMeasureTest {
    private static final int ROUNDS = Integer.getInteger("sluice.measure.rounds", 5);
    private static final int ENTRY_BYTES = 256;
    private static final int STREAM_ENTRIES = 1_000_000;
    private static final long RUN_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int LATENCIES_MAX = 200_000;

    /** A stream, in place of a number of producers that wait. */
    private static final int STREAM = 0;

    private enum Way {
        RING,
        CALL,
        AUTO
    }

    private record Cell(Preallocation preallocation, int producers, Way way) {}

    private record Result(double perSecond, double p50Us, double p99Us) {}

    @TempDir private Path temporary;

    @Test
    void durableAppends() throws Exception {
        assertTrue(
                UringProbe.probe(temporary).has(Feature.IO_URING),
                "there is nothing to measure without io_uring");
        Map<Cell, List<Result>> results = new LinkedHashMap<>();
        for (Preallocation how : new Preallocation[] {Preallocation.ZERO, Preallocation.RESERVE}) {
            for (int producers : new int[] {1, 8, 64, STREAM}) {
                for (Way way : Way.values()) {
                    results.put(new Cell(how, producers, way), new ArrayList<>());
                }
            }
        }
        Random random = new Random(7);

        for (int round = 0; round < ROUNDS; round++) {
            List<Cell> order = new ArrayList<>(results.keySet());
            Collections.shuffle(order, random);
            for (Cell cell : order) {
                Result result = measure(cell);
                assertTrue(result.perSecond > 0);
                results.get(cell).add(result);
            }
        }

        results.forEach(DurableAppendMeasureTest::print);
    }

    private static void print(Cell cell, List<Result> results) {
        double[] rates = results.stream().mapToDouble(Result::perSecond).toArray();
        double median = median(rates);
        System.out.printf(
                "%-8s %-12s %-14s %10.0f /s (%.0f to %.0f), p50 %7.0f us, p99 %7.0f us%n",
                cell.preallocation,
                cell.producers == STREAM ? "stream" : cell.producers + " producers",
                cell.way,
                median,
                rates[0],
                rates[rates.length - 1],
                median(results.stream().mapToDouble(Result::p50Us).toArray()),
                median(results.stream().mapToDouble(Result::p99Us).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private Result measure(Cell cell) throws Exception {
        Path directory = Files.createDirectory(temporary.resolve("log-" + System.nanoTime()));
        AppendLogConfig config =
                AppendLogConfig.builder()
                        .preallocate(cell.preallocation)
                        .segmentBytes(64L << 20)
                        .build();
        StorageSelector.Selection selection =
                new StorageSelector.Selection(storage(directory, cell.way), "measured");
        LogDirectoryLayout.prepareForWriting(directory, StorePermissions.DEFAULT);
        try (AppendLog log = AppendLog.open(selection, config, DutyThread.THREADS, () -> {})) {
            // Warm, and the first segments are ready.
            waitingProducers(log, 1, RUN_NS / 5);
            return cell.producers == STREAM
                    ? stream(log)
                    : waitingProducers(log, cell.producers, RUN_NS);
        } finally {
            delete(directory);
        }
    }

    private static Storage storage(Path directory, Way way) {
        SyncMethod method =
                switch (way) {
                    case RING -> SyncMethod.RING;
                    case CALL -> SyncMethod.CALL;
                    case AUTO -> SyncMethod.AUTO;
                };
        return UringStorage.open(
                directory,
                StorePermissions.DEFAULT,
                UringOptions.DEFAULT.withSyncMethod(method),
                UringProbe.probe(directory));
    }

    /** Each producer appends an entry and waits until it is durable, over and over. */
    private static Result waitingProducers(AppendLog log, int producers, long runNs)
            throws InterruptedException {
        long[][] latencies = new long[producers][LATENCIES_MAX / producers];
        int[] counts = new int[producers];
        long startNs = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int producer = i;
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () ->
                                            counts[producer] =
                                                    produce(log, latencies[producer], runNs)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        int count = Arrays.stream(counts).sum();
        long[] all = new long[count];
        int filled = 0;
        for (int i = 0; i < producers; i++) {
            System.arraycopy(latencies[i], 0, all, filled, counts[i]);
            filled += counts[i];
        }
        Arrays.sort(all);
        return new Result(count / seconds, all[count / 2] / 1e3, all[count * 99 / 100] / 1e3);
    }

    private static int produce(AppendLog log, long[] latencies, long runNs) {
        byte[] entry = new byte[ENTRY_BYTES];
        long startNs = System.nanoTime();
        int count = 0;
        long nowNs = startNs;
        while (count < latencies.length && nowNs - startNs < runNs) {
            log.awaitDurable(log.append(entry));
            long endNs = System.nanoTime();
            latencies[count++] = endNs - nowNs;
            nowNs = endNs;
        }
        return count;
    }

    /** One producer that never waits; a listener hears of what is durable. */
    private static Result stream(AppendLog log) {
        byte[] entry = new byte[ENTRY_BYTES];
        AtomicLong heard = new AtomicLong(-1);
        log.onDurable(heard::set);
        long startNs = System.nanoTime();
        long last = -1;
        for (int i = 0; i < STREAM_ENTRIES; i++) {
            last = log.append(entry);
        }
        log.awaitDurable(last);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return new Result(STREAM_ENTRIES / seconds, 0, 0);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
