package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.CompletionHandler;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** The hot path allocates nothing once it is compiled. */
@ExtendWith(UringCondition.class)
class AllocationTest {
    private static final int DEPTH = 4;
    private static final int BLOCK_BYTES = 4096;
    private static final int ROUNDS_MAX = 50;
    private static final int OPERATIONS = 2000;

    @TempDir private Path directory;

    @Test
    void writesAndPollsShouldAllocateNothing() throws IOException {
        Files.createFile(directory.resolve("data"));
        AlignedBlockPool pool = new AlignedBlockPool(1, BLOCK_BYTES);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CompletionHandler handler = (tag, result) -> {};
        UringStorage storage =
                UringStorage.open(
                        directory,
                        StorePermissions.DEFAULT,
                        UringOptions.DEFAULT,
                        UringProbe.probe(directory));
        long allocated = Long.MAX_VALUE;

        try (UringIo io = storage.openIo(pool, DEPTH, 1_000_000_000L);
                AsyncFile file = io.open("data")) {
            // Until the compiler is done, which it says to nobody.
            for (int round = 0; round < ROUNDS_MAX && allocated > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                work(io, file, pool, handler);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
        }

        assertTrue(allocated <= 0, allocated + " bytes in " + OPERATIONS + " operations");
    }

    private static void work(
            UringIo io, AsyncFile file, AlignedBlockPool pool, CompletionHandler handler) {
        for (int i = 0; i < OPERATIONS; i++) {
            long position = (long) (i % 64) * BLOCK_BYTES;
            while (!file.writeAt(position, pool.block(0), 0, BLOCK_BYTES, Reach.WRITTEN, i)) {
                io.poll(handler);
            }
            io.poll(handler);
            if (i % 100 == 0) {
                io.await(handler, 1_000_000L);
            }
        }
        while (io.inFlight() > 0) {
            io.await(handler, 1_000_000_000L);
        }
    }
}
