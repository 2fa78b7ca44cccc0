package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.ring.ffi.SubmissionQueue;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Room in the submission queue, and what becomes of an operation for which there is none. */
@ExtendWith(UringCondition.class)
class SubmissionRoomTest {
    private static final int BLOCK_BYTES = 4096;
    private static final int CAPACITY = 8;
    private static final byte OP_NOP = 0;
    private static final long SHORT_NS = 50_000_000L;

    @TempDir private Path directory;

    private final AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);

    @Test
    void sqPollShouldHaveTwiceThePlacesOfWhatIsInFlight() {
        try (UringIo io = open(UringOptions.DEFAULT.withSqPoll(true))) {
            assertTrue(io.ring().submissions().entries() >= 2 * CAPACITY);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fullQueueShouldBreakTheEngine(boolean sqPoll) throws IOException {
        Files.createFile(directory.resolve("data"));
        UringIo io = open(UringOptions.DEFAULT.withSqPoll(sqPoll));
        AsyncFile file = io.open("data");
        fill(io.ring().submissions());
        int kept = AbandonedMemory.count();

        AppendException first = assertThrows(AppendException.class, () -> write(file));
        AppendException later = assertThrows(AppendException.class, () -> write(file));

        assertEquals(AppendException.Code.IO, first.code());
        assertSame(first, later);
        assertEquals(0, io.inFlight());
        io.close();
        assertEquals(kept, AbandonedMemory.count());
        assertEquals(0, Files.size(directory.resolve("data")));
    }

    private boolean write(AsyncFile file) {
        return file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, 1);
    }

    /** As a kernel that frees no place. What is not published it does not see. */
    private static void fill(SubmissionQueue queue) {
        while (!queue.isFull()) {
            queue.put(OP_NOP, 0, -1, 0, 0, 0, 0, 0, 0);
        }
    }

    private UringIo open(UringOptions options) {
        return UringStorage.open(
                        directory, StorePermissions.DEFAULT, options, UringProbe.probe(directory))
                .openIo(pool, CAPACITY, SHORT_NS);
    }
}
