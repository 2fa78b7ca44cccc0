package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

/**
 * What {@link AsyncIo} promises, whatever carries it: a window of operations, their completions,
 * and an end. Run as a part of {@link AsyncFileContractTest}.
 */
abstract class AsyncIoContractTest extends AsyncFileFixture {
    /** Set to true where a backend that cannot run is a failure, not a reason to skip. */
    public static final String REQUIRE_URING = "sluice.requireUring";

    @Test
    void backendShouldBeTheSameEverywhere() {
        AsyncFile file = create(NAME);

        assertNotEquals(Backend.AUTO, storage.backend());
        assertSame(storage.backend(), io.backend());
        assertSame(storage.backend(), file.backend());
        assertEquals(storage.alignBytes(), io.alignBytes());
        assertEquals(CAPACITY, io.capacity());
    }

    @Test
    void openShouldFailForMissingFile() {
        AppendException e = assertThrows(AppendException.class, () -> io.open(NAME));

        assertSame(AppendException.Code.NOT_FOUND, e.code());
        assertEquals(temporary.resolve(NAME), e.file());
    }

    @Test
    void writesInFlightShouldBeIdentifiedByTag() {
        AsyncFile file = create(NAME);
        AlignedBlock[] blocks = new AlignedBlock[CAPACITY];
        for (int i = 0; i < CAPACITY; i++) {
            blocks[i] = filled(i);
            // Each of another length, so that a result belongs to one tag only.
            int length = (i + 1) * io.alignBytes();
            assertTrue(
                    write(file, (long) i * BLOCK_BYTES, blocks[i], 0, length, Long.MAX_VALUE - i));
        }
        assertEquals(CAPACITY, io.inFlight());

        awaitAll();

        assertEquals(0, io.inFlight());
        for (int i = 0; i < CAPACITY; i++) {
            int length = (i + 1) * io.alignBytes();
            assertEquals(length, results.get(Long.MAX_VALUE - i));
            assertArrayEquals(
                    Arrays.copyOf(bytesOf(blocks[i]), length),
                    contentOf(NAME, (long) i * BLOCK_BYTES, length));
        }
    }

    @Test
    void fullWindowShouldRefuseAndChangeNothing() {
        AsyncFile file = create(NAME);
        AlignedBlock block = filled(1);
        for (int i = 0; i < CAPACITY; i++) {
            assertTrue(write(file, (long) i * BLOCK_BYTES, block, 0, BLOCK_BYTES, i));
        }

        assertFalse(write(file, 100L * BLOCK_BYTES, block, 0, BLOCK_BYTES, 100));
        assertFalse(file.readAt(0, block, 0, BLOCK_BYTES, 101));
        assertFalse(file.sync(102));
        assertFalse(file.syncBehind(104));
        assertEquals(CAPACITY, io.inFlight());
        awaitAll();

        assertEquals(CAPACITY, results.size());
        assertEquals((long) CAPACITY * BLOCK_BYTES, file.size());
        assertTrue(file.sync(103));
        assertEquals(0, resultOf(103));
        assertTrue(file.syncBehind(105));
        assertEquals(0, resultOf(105));
    }

    @Test
    void windowShouldHoldOutManyTimesItsCapacity() {
        AsyncFile file = create(NAME);
        AlignedBlock block = filled(1);
        int align = io.alignBytes();
        int count = 20 * CAPACITY + 1;

        for (int i = 0; i < count; i++) {
            while (!write(file, (long) i * align, block, 0, align, i)) {
                io.await(results::put, WAIT_NS);
            }
        }
        awaitAll();

        assertEquals(count, results.size());
        assertEquals((long) count * align, file.size());
    }

    @Test
    void handlerShouldBeAbleToSubmit() {
        AsyncFile file = create(NAME);
        AlignedBlock block = filled(1);
        int align = io.alignBytes();
        CompletionHandler chain =
                (tag, result) -> {
                    results.put(tag, result);
                    if (tag < 10) {
                        assertTrue(write(file, (tag + 1) * align, block, 0, align, tag + 1));
                    }
                };
        assertTrue(write(file, 0, block, 0, align, 0));

        long deadlineNs = System.nanoTime() + WAIT_NS;
        while (results.size() < 11 && System.nanoTime() < deadlineNs) {
            io.await(chain, WAIT_NS);
        }

        assertEquals(11, results.size());
        assertEquals(11L * align, file.size());
    }

    @Test
    void pollShouldReturnAtOnceWhenNothingIsInFlight() {
        create(NAME);

        assertEquals(0, io.poll(results::put));
        assertEquals(0, io.await(results::put, WAIT_NS));
    }

    @Test
    void engineShouldCloseWithOperationsInFlight() {
        AsyncFile file = create(NAME);
        AlignedBlock block = filled(1);
        for (int i = 0; i < CAPACITY; i++) {
            assertTrue(write(file, (long) i * BLOCK_BYTES, block, 0, BLOCK_BYTES, i));
        }

        io.close();
        io.close();

        for (int i = 0; i < CAPACITY; i++) {
            assertArrayEquals(bytesOf(block), contentOf(NAME, (long) i * BLOCK_BYTES, BLOCK_BYTES));
        }
    }

    @Test
    void closedEngineShouldRefuseEverything() {
        AsyncFile file = create(NAME);
        AlignedBlock block = pool.take();

        io.close();

        assertThrows(IllegalStateException.class, () -> io.open(NAME));
        assertThrows(IllegalStateException.class, () -> io.poll(results::put));
        assertThrows(IllegalStateException.class, () -> io.await(results::put, 1));
        assertThrows(IllegalStateException.class, () -> write(file, 0, block, 0, BLOCK_BYTES, 1));
        assertThrows(IllegalStateException.class, () -> file.readAt(0, block, 0, BLOCK_BYTES, 1));
        assertThrows(IllegalStateException.class, () -> file.sync(1));
    }

    @Test
    void storageShouldOpenOneEngineAfterAnother() {
        AsyncFile file = create(NAME);
        AlignedBlock block = filled(1);
        assertTrue(write(file, 0, block, 0, BLOCK_BYTES, 1));
        awaitAll();
        io.close();

        io = storage.openIo(pool, 1);
        AlignedBlock target = pool.take();
        assertTrue(io.open(NAME).readAt(0, target, 0, BLOCK_BYTES, 2));
        assertEquals(BLOCK_BYTES, resultOf(2));

        assertArrayEquals(bytesOf(block), bytesOf(target));
    }
}
