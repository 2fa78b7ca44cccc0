package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.ring.UringOptions.SyncMethod;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who carries out a sync, and a write that is waited for, as the decision record on durability has
 * it: the calling thread where little is in flight, the ring where the device would wait for its
 * next batch meanwhile.
 */
@ExtendWith(UringCondition.class)
class SyncMethodTest {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int BLOCKS = 5;
    private static final int LARGE_BYTES = 512 * 1024;
    private static final int SYNC = 100;
    private static final int AWAITED = 101;
    private static final long TIMEOUT_NS = 20_000_000_000L;

    @TempDir private Path directory;

    private final AlignedBlockPool pool = new AlignedBlockPool(BLOCKS, BLOCK_BYTES);

    /** 256 KiB are four blocks. */
    @ParameterizedTest
    @CsvSource({
        "AUTO, 0, false", "AUTO, 1, false", "AUTO, 4, false", "AUTO, 5, true",
        "RING, 0, true", "RING, 4, true", "CALL, 0, false", "CALL, 5, false"
    })
    void syncShouldBeCarriedOutByTheRingOnlyUnderLoad(
            SyncMethod method, int blocksInFlight, boolean byRing) throws IOException {
        try (UringIo io = open(method);
                AsyncFile file = io.open("data")) {
            write(file, blocksInFlight);

            assertEquals(byRing, entersKernel(io, file.sync(SYNC)));

            awaitAll(io);
        }
    }

    /** Where nobody waits the thread is not held up, unless it was told to sync by itself. */
    @ParameterizedTest
    @CsvSource({"AUTO, true", "RING, true", "CALL, false"})
    void syncBehindShouldBeCarriedOutByTheRing(SyncMethod method, boolean byRing)
            throws IOException {
        try (UringIo io = open(method);
                AsyncFile file = io.open("data")) {
            assertEquals(byRing, entersKernel(io, file.syncBehind(SYNC)));
        }
    }

    /** What has ended must not count as in flight, or one burst would decide for ever. */
    @Test
    void endedWritesShouldNotCount() throws IOException {
        try (UringIo io = open(SyncMethod.AUTO);
                AsyncFile file = io.open("data")) {
            write(file, BLOCKS);
            awaitAll(io);

            assertFalse(entersKernel(io, file.sync(SYNC)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, 0, 4096, false", "AUTO, 0, 262144, false", "AUTO, 0, 266240, true",
        "AUTO, 1, 4096, true", "RING, 0, 4096, true", "CALL, 0, 4096, false"
    })
    void awaitedWriteShouldBeCarriedOutByTheRingOnlyUnderLoad(
            SyncMethod method, int writesInFlight, int length, boolean byRing) throws IOException {
        AlignedBlockPool large = new AlignedBlockPool(2, LARGE_BYTES);
        try (UringIo io = open(method, large);
                AsyncFile file = io.open("data")) {
            for (int i = 0; i < writesInFlight; i++) {
                long position = (i + 1L) * LARGE_BYTES;
                assertTrue(file.writeAt(position, large.block(1), 0, 4096, Reach.WRITTEN, i));
            }

            boolean isTaken = file.writeAwaited(0, large.block(0), 0, length, AWAITED);

            assertEquals(byRing, entersKernel(io, isTaken));
            awaitAll(io);
        }
    }

    private UringIo open(SyncMethod method) throws IOException {
        return open(method, pool);
    }

    private UringIo open(SyncMethod method, AlignedBlockPool blocks) throws IOException {
        Files.createFile(directory.resolve("data"));
        return UringStorage.open(
                        directory,
                        StorePermissions.DEFAULT,
                        UringOptions.DEFAULT.withSyncMethod(method),
                        UringProbe.probe(directory))
                .openIo(blocks, 2 * BLOCKS, TIMEOUT_NS);
    }

    private void write(AsyncFile file, int blocks) {
        for (int i = 0; i < blocks; i++) {
            long position = (long) i * BLOCK_BYTES;
            assertTrue(file.writeAt(position, pool.block(i), 0, BLOCK_BYTES, Reach.WRITTEN, i));
        }
    }

    /** What the thread itself carried out is handed out before the ring is entered. */
    private static boolean entersKernel(UringIo io, boolean isSubmitted) {
        assertTrue(isSubmitted);
        long before = io.ring().enterCount();
        long[] entered = {-1};
        while (entered[0] < 0) {
            io.await(
                    (tag, result) -> {
                        assertTrue(result >= 0, () -> tag + ": " + result);
                        entered[0] = tag >= SYNC ? io.ring().enterCount() - before : entered[0];
                    },
                    TIMEOUT_NS);
        }
        return entered[0] > 0;
    }

    private static void awaitAll(UringIo io) {
        while (io.inFlight() > 0) {
            io.await(
                    (tag, result) -> assertTrue(result >= 0, () -> tag + ": " + result),
                    TIMEOUT_NS);
        }
    }
}
