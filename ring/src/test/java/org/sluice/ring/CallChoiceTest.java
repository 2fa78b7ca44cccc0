package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
class CallChoiceTest {
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
    @CsvSource({"0, false", "1, false", "4, false", "5, true"})
    void syncShouldBeCarriedOutByTheRingOnlyUnderLoad(int blocksInFlight, boolean byRing)
            throws IOException {
        try (UringIo io = open(pool);
                AsyncFile file = io.open("data")) {
            write(file, blocksInFlight);

            assertEquals(byRing, entersKernel(io, file.sync(SYNC)));

            awaitAll(io);
        }
    }

    /** Where nobody waits the thread is not held up. */
    @Test
    void syncBehindShouldBeCarriedOutByTheRing() throws IOException {
        try (UringIo io = open(pool);
                AsyncFile file = io.open("data")) {
            assertTrue(entersKernel(io, file.syncBehind(SYNC)));
        }
    }

    /** What has ended must not count as in flight, or one burst would decide for ever. */
    @Test
    void endedWritesShouldNotCount() throws IOException {
        try (UringIo io = open(pool);
                AsyncFile file = io.open("data")) {
            write(file, BLOCKS);
            awaitAll(io);

            assertFalse(entersKernel(io, file.sync(SYNC)));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 4096, false", "0, 262144, false", "0, 266240, true", "1, 4096, true"})
    void awaitedWriteShouldBeCarriedOutByTheRingOnlyUnderLoad(
            int writesInFlight, int length, boolean byRing) throws IOException {
        AlignedBlockPool large = new AlignedBlockPool(2, LARGE_BYTES);
        try (UringIo io = open(large);
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

    private UringIo open(AlignedBlockPool blocks) throws IOException {
        Files.createFile(directory.resolve("data"));
        return UringStorage.open(
                        directory,
                        StorePermissions.DEFAULT,
                        UringOptions.DEFAULT,
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
