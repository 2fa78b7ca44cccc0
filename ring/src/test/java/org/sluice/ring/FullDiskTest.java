package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.AsyncIo;
import org.sluice.store.Errno;
import org.sluice.store.LoopFilesystem;
import org.sluice.store.LoopFilesystem.Kind;
import org.sluice.store.Preallocation;
import org.sluice.store.StoreFile;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Path;

/** An ext4 filesystem that fills up; the contract does the same on tmpfs. */
@ExtendWith(UringCondition.class)
class FullDiskTest {
    private static final int BLOCK_BYTES = 256 * 1024;
    private static final int CAPACITY = 4;
    private static final long TIMEOUT_NS = 20_000_000_000L;

    @TempDir private Path temporary;

    private final AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);
    private final int[] results = new int[CAPACITY];

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyWriteShouldSucceedWholeOrReportFullDisk(boolean direct) throws IOException {
        try (LoopFilesystem filesystem = LoopFilesystem.mount(temporary, Kind.EXT4, 16 << 20)) {
            UringStorage storage = open(filesystem.root(), direct);
            try (StoreFile ballast = storage.directory().create("ballast")) {
                ballast.allocate(4 << 20, Preallocation.RESERVE);
            }
            storage.directory().create("data").close();
            try (AsyncIo io = storage.openIo(pool, CAPACITY);
                    AsyncFile file = io.open("data")) {
                int written = 0;
                while (writeFour(io, file, written) == CAPACITY) {
                    written += CAPACITY;
                    assertTrue(written < 64, "it never fills up");
                }
                assertTrue(written >= CAPACITY, "it was full from the start");
                for (int result : results) {
                    assertTrue(result == BLOCK_BYTES || result == -Errno.ENOSPC, "got " + result);
                }

                storage.directory().delete("ballast");

                assertEquals(CAPACITY, writeFour(io, file, written));
                check(io, file, written + CAPACITY);
            }
        }
    }

    @Test
    void reservingShouldTellFullDisk() throws IOException {
        try (LoopFilesystem filesystem = LoopFilesystem.mount(temporary, Kind.EXT4, 16 << 20)) {
            UringStorage storage = open(filesystem.root(), true);
            try (StoreFile file = storage.directory().create("data")) {
                file.allocate(1 << 20, Preallocation.RESERVE);
                assertEquals(1 << 20, file.size());

                AppendException thrown =
                        assertThrows(
                                AppendException.class,
                                () -> file.allocate(64 << 20, Preallocation.RESERVE));

                assertEquals(AppendException.Code.DISK_FULL, thrown.code());
                assertEquals(Errno.ENOSPC, thrown.errno());
            }
        }
    }

    private static UringStorage open(Path directory, boolean direct) {
        return UringStorage.open(
                directory,
                StorePermissions.DEFAULT,
                UringOptions.DEFAULT.withDirect(direct),
                UringProbe.probe(directory));
    }

    /** Writes four blocks from number {@code first} on at once; returns how many succeeded. */
    private int writeFour(AsyncIo io, AsyncFile file, int first) {
        for (int i = 0; i < CAPACITY; i++) {
            AlignedBlock block = pool.block(i);
            block.buffer().setMemory(0, BLOCK_BYTES, (byte) (first + i + 1));
            long position = (long) (first + i) * BLOCK_BYTES;
            assertTrue(file.writeAt(position, block, 0, BLOCK_BYTES, Reach.DURABLE, i));
        }
        await(io);
        int succeeded = 0;
        for (int result : results) {
            succeeded += result == BLOCK_BYTES ? 1 : 0;
        }
        return succeeded;
    }

    private void check(AsyncIo io, AsyncFile file, int count) {
        AlignedBlock block = pool.block(0);
        for (int i = 0; i < count; i++) {
            assertTrue(file.readAt((long) i * BLOCK_BYTES, block, 0, BLOCK_BYTES, 0));
            await(io);
            assertEquals(BLOCK_BYTES, results[0]);
            for (int at = 0; at < BLOCK_BYTES; at++) {
                assertEquals((byte) (i + 1), block.buffer().getByte(at), "block " + i);
            }
        }
    }

    private void await(AsyncIo io) {
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        while (io.inFlight() > 0) {
            assertTrue(System.nanoTime() < deadlineNs, "completions do not come");
            io.await((tag, result) -> results[(int) tag] = result, TIMEOUT_NS);
        }
    }
}
