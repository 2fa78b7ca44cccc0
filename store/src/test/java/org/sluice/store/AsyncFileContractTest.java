package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * What {@link AsyncFile} promises, whatever carries it, and what its engine does: {@link
 * AsyncIoContractTest}. Each backend has a subclass that only opens its storage.
 */
public abstract class AsyncFileContractTest extends AsyncIoContractTest {
    @Test
    void writeShouldPutBytesAtPosition() {
        AsyncFile file = create(NAME);
        int align = io.alignBytes();
        AlignedBlock block = filled(1);

        assertTrue(write(file, 3L * align, block, align, 2 * align, 7));
        assertEquals(2L * align, resultOf(7));

        assertEquals(5L * align, file.size());
        assertArrayEquals(new byte[3 * align], contentOf(NAME, 0, 3 * align));
        assertArrayEquals(
                Arrays.copyOfRange(bytesOf(block), align, 3 * align),
                contentOf(NAME, 3L * align, 2 * align));
    }

    @Test
    void adjacentWritesShouldLandInOrderOfPosition() {
        AsyncFile file = create(NAME);
        AlignedBlock[] blocks = {filled(1), filled(2), filled(3)};
        assertTrue(write(file, 2L * BLOCK_BYTES, blocks[2], 0, BLOCK_BYTES, 2));
        assertTrue(write(file, 0, blocks[0], 0, BLOCK_BYTES, 0));
        assertTrue(write(file, BLOCK_BYTES, blocks[1], 0, BLOCK_BYTES, 1));

        awaitAll();

        for (int i = 0; i < blocks.length; i++) {
            assertEquals(BLOCK_BYTES, results.get(i));
            assertArrayEquals(
                    bytesOf(blocks[i]), contentOf(NAME, (long) i * BLOCK_BYTES, BLOCK_BYTES));
        }
    }

    @Test
    void writesOfOneBlockShouldEachUseTheirOwnBytes() {
        AsyncFile file = create(NAME);
        int half = BLOCK_BYTES / 2;
        AlignedBlock block = filled(5);
        assertTrue(write(file, 0, block, half, half, 1));
        assertTrue(write(file, half, block, 0, half, 2));

        awaitAll();

        byte[] bytes = bytesOf(block);
        assertArrayEquals(Arrays.copyOfRange(bytes, half, BLOCK_BYTES), contentOf(NAME, 0, half));
        assertArrayEquals(Arrays.copyOf(bytes, half), contentOf(NAME, half, half));
    }

    @Test
    void filesShouldNotMix() {
        AsyncFile first = create(NAME);
        AsyncFile second = create(SegmentDescriptor.fileName(2));
        AlignedBlock one = filled(1);
        AlignedBlock two = filled(2);
        assertTrue(write(first, 0, one, 0, BLOCK_BYTES, 1));
        assertTrue(write(second, BLOCK_BYTES, two, 0, BLOCK_BYTES, 2));
        assertTrue(first.sync(3));

        awaitAll();

        assertArrayEquals(bytesOf(one), contentOf(NAME, 0, BLOCK_BYTES));
        assertEquals(BLOCK_BYTES, first.size());
        assertArrayEquals(
                bytesOf(two), contentOf(SegmentDescriptor.fileName(2), BLOCK_BYTES, BLOCK_BYTES));
    }

    @Test
    void readShouldReturnWhatWasWritten() {
        AsyncFile file = create(NAME);
        AlignedBlock source = filled(1);
        AlignedBlock target = pool.take();
        assertTrue(write(file, BLOCK_BYTES, source, 0, BLOCK_BYTES, 1));
        awaitAll();

        int align = io.alignBytes();
        assertTrue(file.readAt(BLOCK_BYTES + align, target, 2 * align, align, 2));
        assertEquals(align, resultOf(2));

        assertArrayEquals(
                Arrays.copyOfRange(bytesOf(source), align, 2 * align),
                Arrays.copyOfRange(bytesOf(target), 2 * align, 3 * align));
    }

    @Test
    void readShouldBeShortOnlyAtEndOfFile() {
        int size = 2 * storage.alignBytes() + 100;
        try (StoreFile plain = storage.directory().create(NAME)) {
            plain.write(ByteBuffer.allocate(size), 0);
        }
        AsyncFile file = io.open(NAME);
        AlignedBlock block = pool.take();

        assertTrue(file.readAt(0, block, 0, BLOCK_BYTES, 1));
        assertTrue(file.readAt(2L * io.alignBytes(), block, 0, io.alignBytes(), 2));
        assertTrue(file.readAt(0, block, 0, io.alignBytes(), 3));
        assertTrue(file.readAt(16L * BLOCK_BYTES, block, 0, BLOCK_BYTES, 4));
        awaitAll();

        assertEquals(size, results.get(1));
        assertEquals(100, results.get(2));
        assertEquals(io.alignBytes(), results.get(3));
        assertEquals(0, results.get(4));
    }

    @Test
    void positionsShouldGoBeyondFourGigabytes() {
        AsyncFile file = create(NAME);
        AlignedBlock source = filled(9);
        AlignedBlock target = pool.take();
        long position = (5L << 30) + io.alignBytes();

        assertTrue(write(file, position, source, 0, BLOCK_BYTES, 1));
        assertEquals(BLOCK_BYTES, resultOf(1));
        assertTrue(file.readAt(position, target, 0, BLOCK_BYTES, 2));
        assertEquals(BLOCK_BYTES, resultOf(2));

        assertEquals(position + BLOCK_BYTES, file.size());
        assertArrayEquals(bytesOf(source), bytesOf(target));
    }

    @Test
    void syncShouldReportZero() {
        AsyncFile file = create(NAME);
        assertTrue(write(file, 0, filled(1), 0, BLOCK_BYTES, 1));
        awaitAll();

        assertTrue(file.sync(2));
        assertEquals(0, resultOf(2));
        assertTrue(file.syncBehind(3));
        assertEquals(0, resultOf(3));
    }

    @Test
    void durableWriteShouldReportItsBytes() {
        AsyncFile file = create(NAME);
        AlignedBlock one = filled(1);
        AlignedBlock two = filled(2);
        assertTrue(file.writeAt(0, one, 0, BLOCK_BYTES, AsyncFile.Reach.DURABLE, 1));
        assertTrue(file.writeAt(BLOCK_BYTES, two, 0, BLOCK_BYTES, AsyncFile.Reach.WRITTEN, 2));

        awaitAll();

        assertEquals(BLOCK_BYTES, results.get(1));
        assertEquals(BLOCK_BYTES, results.get(2));
        assertArrayEquals(bytesOf(one), contentOf(NAME, 0, BLOCK_BYTES));
        assertArrayEquals(bytesOf(two), contentOf(NAME, BLOCK_BYTES, BLOCK_BYTES));
    }

    @Test
    void awaitedWritesShouldPutBytesAtTheirPositions() {
        AsyncFile file = create(NAME);
        int align = io.alignBytes();
        AlignedBlock one = filled(1);
        AlignedBlock two = filled(2);

        assertTrue(file.writeAwaited(0, one, 0, BLOCK_BYTES, 1));
        assertTrue(file.writeAwaited(BLOCK_BYTES, two, align, align, 2));
        assertEquals(2, io.inFlight());
        awaitAll();

        assertEquals(BLOCK_BYTES, results.get(1));
        assertEquals(align, results.get(2));
        assertArrayEquals(bytesOf(one), contentOf(NAME, 0, BLOCK_BYTES));
        assertArrayEquals(
                Arrays.copyOfRange(bytesOf(two), align, 2 * align),
                contentOf(NAME, BLOCK_BYTES, align));
        assertThrows(IllegalArgumentException.class, () -> file.writeAwaited(1, one, 0, align, 3));
    }

    @Test
    void wrongArgumentsShouldBeRefusedWithTheirValues() {
        AsyncFile file = create(NAME);
        AlignedBlock block = pool.take();
        int align = io.alignBytes();

        assertRefused(IllegalArgumentException.class, file, 1, block, 0, align);
        assertRefused(IllegalArgumentException.class, file, -align, block, 0, align);
        assertRefused(IllegalArgumentException.class, file, 0, block, 1, align);
        assertRefused(IllegalArgumentException.class, file, 0, block, 0, align + 1);
        assertRefused(IllegalArgumentException.class, file, 0, block, 0, 0);
        assertRefused(IndexOutOfBoundsException.class, file, 0, block, -align, align);
        assertRefused(IndexOutOfBoundsException.class, file, 0, block, 0, -align);
        assertRefused(IndexOutOfBoundsException.class, file, 0, block, align, BLOCK_BYTES);
        assertEquals(0, io.inFlight());
    }

    private void assertRefused(
            Class<? extends RuntimeException> type,
            AsyncFile file,
            long position,
            AlignedBlock block,
            int offset,
            int length) {
        RuntimeException e =
                assertThrows(type, () -> write(file, position, block, offset, length, 1));
        assertTrue(e.getMessage().contains(String.valueOf(length)), e.getMessage());
        assertThrows(type, () -> file.readAt(position, block, offset, length, 1));
    }

    @Test
    void fileShouldNotCloseUnderItsOperations() {
        AsyncFile file = create(NAME);
        assertTrue(write(file, 0, filled(1), 0, BLOCK_BYTES, 1));

        assertThrows(IllegalStateException.class, file::close);
        assertEquals(BLOCK_BYTES, resultOf(1));
        file.close();
        file.close();

        assertThrows(IllegalStateException.class, () -> file.sync(2));
        assertEquals(0, io.inFlight());
    }

    @Test
    void fullDiskShouldFailWritesUntilThereIsSpace() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 64 * BLOCK_BYTES)) {
            requireAvailable(filesystem.root());
            Storage full = openStorage(filesystem.root());
            try (AsyncIo fullIo = full.openIo(pool, CAPACITY)) {
                fillAndGoOn(full, fullIo);
            }
        }
    }

    private void fillAndGoOn(Storage full, AsyncIo fullIo) {
        try (StoreFile ballast = full.directory().create("ballast")) {
            ballast.allocate(30L * BLOCK_BYTES, Preallocation.ZERO);
        }
        full.directory().create(NAME).close();
        AsyncFile file = fullIo.open(NAME);
        AlignedBlock block = filled(3);
        int count = 0;
        while (writeBlock(fullIo, file, count, block) == BLOCK_BYTES) {
            assertTrue(++count <= 64, "the filesystem never fills up");
        }
        assertTrue(count >= 30, "only " + count + " writes succeeded");
        assertEquals(-Errno.ENOSPC, writeBlock(fullIo, file, count, block));

        full.directory().delete("ballast");

        assertEquals(BLOCK_BYTES, writeBlock(fullIo, file, count, block));
        AlignedBlock target = pool.take();
        for (int i = 0; i <= count; i++) {
            assertTrue(file.readAt((long) i * BLOCK_BYTES, target, 0, BLOCK_BYTES, i));
            assertEquals(BLOCK_BYTES, resultOf(fullIo, i));
            assertArrayEquals(bytesOf(block), bytesOf(target));
        }
    }

    private long writeBlock(AsyncIo engine, AsyncFile file, long number, AlignedBlock block) {
        assertTrue(write(file, number * BLOCK_BYTES, block, 0, BLOCK_BYTES, number));
        return resultOf(engine, number);
    }

    @Test
    void partOfWritesShouldSucceedWhenTheDiskFillsUpAmongThem() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 2L * BLOCK_BYTES)) {
            requireAvailable(filesystem.root());
            Storage full = openStorage(filesystem.root());
            try (AsyncIo fullIo = full.openIo(pool, CAPACITY)) {
                full.directory().create(NAME).close();
                AsyncFile file = fullIo.open(NAME);
                AlignedBlock[] blocks = new AlignedBlock[CAPACITY];
                for (int i = 0; i < CAPACITY; i++) {
                    blocks[i] = filled(i);
                    assertTrue(write(file, (long) i * BLOCK_BYTES, blocks[i], 0, BLOCK_BYTES, i));
                }
                awaitAll(fullIo);

                int succeeded = 0;
                for (int i = 0; i < CAPACITY; i++) {
                    long result = results.get(i);
                    assertTrue(result == BLOCK_BYTES || result == -Errno.ENOSPC, "got " + result);
                    succeeded += result == BLOCK_BYTES ? 1 : 0;
                }
                assertTrue(succeeded <= 2, succeeded + " of " + CAPACITY);
            }
        }
    }

    @Test
    void randomOperationsShouldLeaveWhatAModelHolds() {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("random operations: -Dsluice.seed=" + seed);
        Random random = new Random(seed);
        AsyncFile file = create(NAME);
        int align = io.alignBytes();
        int units = BLOCK_BYTES / align;
        byte[] model = new byte[4 * BLOCK_BYTES];
        long[] lengths = new long[CAPACITY];

        for (int round = 0; round < 200; round++) {
            // Writes in flight together must not overlap: each stays in its own quarter.
            int count = 1 + random.nextInt(CAPACITY);
            for (int i = 0; i < count; i++) {
                int from = random.nextInt(units);
                int length = (1 + random.nextInt(units - from)) * align;
                int position = i * BLOCK_BYTES + from * align;
                AlignedBlock block = filled(random.nextInt());
                block.buffer().getBytes(0, model, position, length);
                lengths[i] = length;
                boolean isTaken =
                        random.nextBoolean()
                                ? file.writeAwaited(position, block, 0, length, i)
                                : write(file, position, block, 0, length, i);
                assertTrue(isTaken, "seed " + seed);
            }
            awaitAll();
            for (int i = 0; i < count; i++) {
                assertEquals(lengths[i], results.get(i), "seed " + seed);
            }
            releaseAll();
        }

        int size = (int) file.size();
        assertArrayEquals(Arrays.copyOf(model, size), contentOf(NAME, 0, size), "seed " + seed);
    }
}
