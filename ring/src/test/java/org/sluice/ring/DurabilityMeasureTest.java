package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.ffi.Libc;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.AsyncIo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Measures the ways to make a batch durable, by kind of segment, batch size and depth, interleaved
 * over several rounds, and prints the medians: the numbers of the decision record on durability. A
 * closed loop: {@code depth} batches are on their way; when one is durable, the next is submitted.
 *
 * <p>{@code mvn -pl ring -am -Pmeasure test -Dtest=DurabilityMeasureTest
 * -Dsurefire.failIfNoSpecifiedTests=false}; {@code -Dsluice.measure.dir} names another directory.
 */
@Tag("measure")
@ExtendWith(UringCondition.class)
class DurabilityMeasureTest {
    private static final long CELL_NS = 300_000_000L;
    private static final int BATCHES_MAX = 4000;
    private static final int BLOCK_BYTES = 32 * 1024;

    private enum Way {
        DSYNC,
        RING,
        CALL,
        THREAD
    }

    private record Cell(PreparedSegment segment, int bytes, int depth, Way way) {}

    private record Result(
            double batchesPerSecond, double p50Us, double p99Us, double workerPercent) {}

    @TempDir private Path temporary;

    @Test
    void durableBatches() throws IOException {
        Path directory = PreparedSegment.directory(temporary);
        Map<Cell, List<Result>> results = new LinkedHashMap<>();
        for (PreparedSegment segment : PreparedSegment.values()) {
            for (int bytes : new int[] {512, 4096, 32768}) {
                for (int depth : new int[] {1, 8}) {
                    for (Way way : Way.values()) {
                        results.put(new Cell(segment, bytes, depth, way), new ArrayList<>());
                    }
                }
            }
        }
        Random random = new Random(7);

        for (int round = 0; round < PreparedSegment.ROUNDS; round++) {
            List<Cell> order = new ArrayList<>(results.keySet());
            Collections.shuffle(order, random);
            for (Cell cell : order) {
                Result result = measure(directory, cell);
                assertTrue(result.batchesPerSecond > 0);
                results.get(cell).add(result);
            }
        }

        print(results);
    }

    private static void print(Map<Cell, List<Result>> results) {
        System.out.printf(
                "%-9s %6s %5s %-7s %12s %12s %9s %9s %8s%n",
                "segment",
                "bytes",
                "depth",
                "way",
                "batches/s",
                "at best",
                "p50 us",
                "p99 us",
                "io-wq %");
        results.forEach(
                (cell, list) -> {
                    double[] rates = values(list, Result::batchesPerSecond);
                    System.out.printf(
                            "%-9s %6d %5d %-7s %12.0f %12.0f %9.0f %9.0f %8.1f%n",
                            cell.segment,
                            cell.bytes,
                            cell.depth,
                            cell.way,
                            PreparedSegment.median(rates),
                            Arrays.stream(rates).max().orElseThrow(),
                            PreparedSegment.median(values(list, Result::p50Us)),
                            PreparedSegment.median(values(list, Result::p99Us)),
                            PreparedSegment.median(values(list, Result::workerPercent)));
                });
    }

    private static double[] values(List<Result> results, ToDoubleFunction<Result> of) {
        return results.stream().mapToDouble(of).toArray();
    }

    private static Result measure(Path directory, Cell cell) throws IOException {
        UringOptions options =
                UringOptions.DEFAULT.withSyncMethod(
                        cell.way == Way.RING
                                ? UringOptions.SyncMethod.RING
                                : UringOptions.SyncMethod.CALL);
        UringStorage storage = PreparedSegment.open(directory, options);
        cell.segment.prepare(storage);
        AlignedBlockPool pool = new AlignedBlockPool(cell.depth, BLOCK_BYTES);
        try (AsyncIo io = storage.openIo(pool, 64);
                AsyncFile file = io.open(PreparedSegment.NAME);
                SyncThread syncThread = new SyncThread(directory.resolve(PreparedSegment.NAME))) {
            return new Loop(io, file, pool, cell, syncThread).run();
        } finally {
            storage.directory().delete(PreparedSegment.NAME);
        }
    }

    /** One cell's closed loop. */
    private static final class Loop {
        private final AsyncIo io;
        private final AsyncFile file;
        private final Cell cell;
        private final SyncThread syncThread;
        private final AlignedBlock[] blocks;
        private final long[] startedNs;
        private final long[] latenciesNs = new long[BATCHES_MAX];
        private int durable;
        private long position;

        /**
         * Bits of the batches written but not covered by a sync, and of those a sync is covering.
         */
        private long written;

        private long syncing;

        Loop(AsyncIo io, AsyncFile file, AlignedBlockPool pool, Cell cell, SyncThread syncThread) {
            this.io = io;
            this.file = file;
            this.cell = cell;
            this.syncThread = syncThread;
            this.blocks = new AlignedBlock[cell.depth];
            this.startedNs = new long[cell.depth];
            Arrays.setAll(blocks, i -> pool.take());
        }

        Result run() throws IOException {
            long workersNs = PreparedSegment.workerNs();
            long startNs = System.nanoTime();
            for (int i = 0; i < cell.depth; i++) {
                submit(i);
            }
            while (durable < BATCHES_MAX
                    && position < PreparedSegment.SEGMENT_BYTES - BLOCK_BYTES
                    && System.nanoTime() - startNs < CELL_NS) {
                if (cell.way == Way.THREAD && syncing != 0) {
                    io.poll(this::onCompletion);
                    if (syncThread.isDone()) {
                        synced();
                    }
                } else {
                    io.await(this::onCompletion, PreparedSegment.WAIT_NS);
                }
                syncIfNeeded();
            }
            long elapsedNs = System.nanoTime() - startNs;
            long busyNs = PreparedSegment.workerNs() - workersNs;
            while (io.inFlight() > 0 || (cell.way == Way.THREAD && !syncThread.isDone())) {
                io.await((tag, result) -> {}, PreparedSegment.WAIT_NS);
            }
            Arrays.sort(latenciesNs, 0, durable);
            return new Result(
                    durable * 1e9 / elapsedNs,
                    latenciesNs[durable / 2] / 1e3,
                    latenciesNs[durable * 99 / 100] / 1e3,
                    100.0 * busyNs / elapsedNs);
        }

        private void submit(int slot) {
            startedNs[slot] = System.nanoTime();
            Reach reach = cell.way == Way.DSYNC ? Reach.DURABLE : Reach.WRITTEN;
            assertTrue(file.writeAt(position, blocks[slot], 0, cell.bytes, reach, slot));
            position += cell.bytes;
        }

        private void onCompletion(long tag, int result) {
            if (tag == cell.depth) {
                assertTrue(result == 0, "sync: " + result);
                synced();
                return;
            }
            assertTrue(result == cell.bytes, "write: " + result);
            if (cell.way == Way.DSYNC) {
                ended((int) tag);
            } else {
                written |= 1L << tag;
            }
        }

        private void syncIfNeeded() {
            if (written == 0 || syncing != 0) {
                return;
            }
            syncing = written;
            written = 0;
            if (cell.way == Way.THREAD) {
                syncThread.request();
            } else {
                assertTrue(file.sync(cell.depth));
            }
        }

        private void synced() {
            long slots = syncing;
            syncing = 0;
            for (; slots != 0; slots &= slots - 1) {
                ended(Long.numberOfTrailingZeros(slots));
            }
        }

        private void ended(int slot) {
            if (durable < BATCHES_MAX) {
                latenciesNs[durable++] = System.nanoTime() - startedNs[slot];
            }
            submit(slot);
        }
    }

    /** fdatasync(2) away from the engine's thread. */
    private static final class SyncThread implements AutoCloseable {
        private final int fd;
        private final Thread thread;
        private volatile int requested;
        private volatile int done;
        private volatile boolean closed;

        SyncThread(Path file) {
            this.fd = RegularFile.open(file, Libc.O_RDWR);
            this.thread = new Thread(this::run, "sync");
            thread.start();
        }

        private void run() {
            while (!closed) {
                if (requested == done) {
                    LockSupport.park();
                } else {
                    assertTrue(Libc.fdatasync(fd) == 0);
                    done = requested;
                }
            }
        }

        void request() {
            requested = done + 1;
            LockSupport.unpark(thread);
        }

        boolean isDone() {
            return done == requested;
        }

        @Override
        public void close() {
            closed = true;
            LockSupport.unpark(thread);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Libc.close(fd);
        }
    }
}
