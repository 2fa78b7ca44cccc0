package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.AsyncIo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Measures a stream of 256 KiB batches, eight of them in flight, over several rounds, and prints
 * the medians: over each kind of segment without a sync, and with one always under way over written
 * blocks. Run like {@link DurabilityMeasureTest}.
 */
@Tag("measure")
@ExtendWith(UringCondition.class)
class StreamMeasureTest {
    private static final int BLOCK_BYTES = 256 * 1024;
    private static final int DEPTH = 8;
    private static final int ROUNDS = PreparedSegment.ROUNDS;

    private enum Sync {
        NONE,
        DSYNC,
        RING,
        CALL,
        AUTO
    }

    private record Result(double prepare, double write, double threadMs, double workerMs) {}

    @TempDir private Path temporary;

    @Test
    void kindsOfSegments() throws IOException {
        Map<PreparedSegment, Result[]> results = new EnumMap<>(PreparedSegment.class);
        for (int round = 0; round < ROUNDS; round++) {
            for (PreparedSegment segment : PreparedSegment.values()) {
                results.computeIfAbsent(segment, key -> new Result[ROUNDS])[round] =
                        stream(segment, Sync.NONE);
            }
        }
        results.forEach((segment, list) -> print(segment.name(), list));
    }

    @Test
    void waysToSync() throws IOException {
        Map<Sync, Result[]> results = new EnumMap<>(Sync.class);
        for (int round = 0; round < ROUNDS; round++) {
            for (Sync sync : Sync.values()) {
                results.computeIfAbsent(sync, key -> new Result[ROUNDS])[round] =
                        stream(PreparedSegment.ZERO, sync);
            }
        }
        results.forEach((sync, list) -> print(sync.name(), list));
    }

    private static void print(String name, Result[] results) {
        double[][] columns = new double[4][ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            columns[0][i] = results[i].prepare;
            columns[1][i] = results[i].write;
            columns[2][i] = results[i].threadMs;
            columns[3][i] = results[i].workerMs;
            assertTrue(results[i].write > 0);
        }
        double write = PreparedSegment.median(columns[1]);
        System.out.printf(
                "%-9s prepare %6.2f GB/s, write %5.2f GB/s (%.2f to %.2f), thread %3.0f ms/GB,"
                        + " io-wq %3.0f ms/GB%n",
                name,
                PreparedSegment.median(columns[0]),
                write,
                columns[1][0],
                columns[1][ROUNDS - 1],
                PreparedSegment.median(columns[2]),
                PreparedSegment.median(columns[3]));
    }

    private Result stream(PreparedSegment segment, Sync sync) throws IOException {
        Path directory = PreparedSegment.directory(temporary);
        UringOptions options =
                UringOptions.DEFAULT.withSyncMethod(
                        switch (sync) {
                            case RING -> UringOptions.SyncMethod.RING;
                            case CALL -> UringOptions.SyncMethod.CALL;
                            case NONE, DSYNC, AUTO -> UringOptions.SyncMethod.AUTO;
                        });
        UringStorage storage = PreparedSegment.open(directory, options);
        AlignedBlockPool pool = new AlignedBlockPool(DEPTH, BLOCK_BYTES);
        long startNs = System.nanoTime();
        segment.prepare(storage);
        long preparedNs = System.nanoTime() - startNs;
        try (AsyncIo io = storage.openIo(pool, 2 * DEPTH);
                AsyncFile file = io.open(PreparedSegment.NAME)) {
            return new Stream(io, file, pool, sync).run(preparedNs);
        } finally {
            storage.directory().delete(PreparedSegment.NAME);
        }
    }

    /** Blocks are free for the next batch when they are written; a sync covers what was by then. */
    private static final class Stream {
        private static final int SYNC_TAG = DEPTH;

        private final AsyncIo io;
        private final AsyncFile file;
        private final AlignedBlockPool pool;
        private final Sync sync;
        private boolean unsynced;
        private boolean syncing;

        Stream(AsyncIo io, AsyncFile file, AlignedBlockPool pool, Sync sync) {
            this.io = io;
            this.file = file;
            this.pool = pool;
            this.sync = sync;
        }

        Result run(long preparedNs) throws IOException {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            double gigabytes = PreparedSegment.SEGMENT_BYTES / 1e9;
            long workersNs = PreparedSegment.workerNs();
            long cpuNs = threads.getCurrentThreadCpuTime();
            long startNs = System.nanoTime();
            for (long position = 0; position < PreparedSegment.SEGMENT_BYTES; ) {
                AlignedBlock block = pool.take();
                if (block == null) {
                    io.await(this::onCompletion, PreparedSegment.WAIT_NS);
                } else {
                    Reach reach = sync == Sync.DSYNC ? Reach.DURABLE : Reach.WRITTEN;
                    assertTrue(file.writeAt(position, block, 0, BLOCK_BYTES, reach, block.index()));
                    position += BLOCK_BYTES;
                    io.poll(this::onCompletion);
                }
                syncIfNeeded();
            }
            while (io.inFlight() > 0) {
                io.await(this::onCompletion, PreparedSegment.WAIT_NS);
                syncIfNeeded();
            }
            return new Result(
                    PreparedSegment.SEGMENT_BYTES / (double) preparedNs,
                    PreparedSegment.SEGMENT_BYTES / (double) (System.nanoTime() - startNs),
                    (threads.getCurrentThreadCpuTime() - cpuNs) / 1e6 / gigabytes,
                    (PreparedSegment.workerNs() - workersNs) / 1e6 / gigabytes);
        }

        private void syncIfNeeded() {
            if (unsynced && !syncing && sync != Sync.NONE && sync != Sync.DSYNC) {
                unsynced = false;
                syncing = true;
                assertTrue(file.sync(SYNC_TAG));
            }
        }

        private void onCompletion(long tag, int result) {
            if (tag == SYNC_TAG) {
                assertTrue(result == 0, "sync: " + result);
                syncing = false;
            } else {
                assertTrue(result == BLOCK_BYTES, "write: " + result);
                pool.release(pool.block((int) tag));
                unsynced = true;
            }
        }
    }
}
