package org.sluice.fallback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What the engine makes of a channel that moves little, or fails. */
class ChannelIoTest {
    private static final int BLOCK_BYTES = 8192;
    private static final int CAPACITY = 6;
    private static final int ALIGN_BYTES = 512;

    @TempDir Path temporary;

    private final AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);
    private final List<AlignedBlock> blocks = new ArrayList<>();
    private final long[] results = new long[2 * CAPACITY];
    private Path path;
    private StubbornChannel channel;
    private ChannelIo io;
    private ChannelFile file;

    @BeforeEach
    void open() throws IOException {
        path = temporary.resolve("file");
        channel =
                new StubbornChannel(
                        FileChannel.open(
                                path,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        ALIGN_BYTES);
        io = new ChannelIo(new FileSystemDirectory(temporary), true, ALIGN_BYTES, pool, CAPACITY);
        file = new ChannelFile(io, path, channel);
        Random random = new Random(7);
        byte[] bytes = new byte[BLOCK_BYTES];
        for (int i = 0; i < CAPACITY; i++) {
            random.nextBytes(bytes);
            AlignedBlock block = pool.take();
            block.buffer().putBytes(0, bytes);
            blocks.add(block);
        }
        Arrays.fill(results, Long.MIN_VALUE);
    }

    @AfterEach
    void close() throws IOException {
        io.close();
        channel.close();
    }

    @Test
    void adjacentWritesShouldCostOneCall() throws IOException {
        write(3, Reach.WRITTEN);

        poll();

        assertEquals(1, channel.writeCount);
        assertEquals(0, channel.forceCount);
        assertWritten(3);
    }

    @Test
    void shortWritesShouldGoOnWhereTheyMayBegin() throws IOException {
        for (int bytesMax : new int[] {512, 700, 1024, 8191, 8192, 8193, 20_000}) {
            channel.bytesMax = bytesMax;
            channel.writeCount = 0;
            write(4, Reach.WRITTEN);

            poll();

            assertWritten(4);
            int progress = bytesMax / ALIGN_BYTES * ALIGN_BYTES;
            assertEquals(Math.ceilDiv(4 * BLOCK_BYTES, progress), channel.writeCount);
        }
    }

    @Test
    void writeWithoutProgressShouldFailInsteadOfGoingOnForEver() {
        channel.bytesMax = ALIGN_BYTES - 1;
        write(2, Reach.WRITTEN);

        poll();

        assertEquals(-Errno.EIO, results[0]);
        assertEquals(-Errno.EIO, results[1]);
    }

    @Test
    void writesBeforeTheFailureShouldCount() throws IOException {
        channel.room = 2L * BLOCK_BYTES + 1024;
        write(4, Reach.DURABLE);

        poll();

        assertEquals(BLOCK_BYTES, results[0]);
        assertEquals(BLOCK_BYTES, results[1]);
        assertEquals(-Errno.EIO, results[2]);
        assertEquals(-Errno.EIO, results[3]);
        assertEquals(1, channel.forceCount, "the two that were written are to be durable");
        assertContent(2);
    }

    @Test
    void failedWriteShouldNotBeForced() {
        channel.failsWrites = true;
        write(2, Reach.DURABLE);

        poll();

        assertEquals(-Errno.EIO, results[0]);
        assertEquals(-Errno.EIO, results[1]);
        assertEquals(0, channel.forceCount);
    }

    @Test
    void durableWritesOfOneRunShouldShareOneForce() throws IOException {
        write(3, Reach.DURABLE);

        poll();

        assertEquals(1, channel.forceCount);
        assertFalse(channel.forcedMetadata);
        assertWritten(3);
    }

    @Test
    void failedForceShouldFailOnlyWhoAskedForIt() {
        channel.failsForces = true;
        submit(0, Reach.WRITTEN);
        submit(1, Reach.DURABLE);
        submit(2, Reach.WRITTEN);

        poll();

        assertEquals(BLOCK_BYTES, results[0]);
        assertEquals(-Errno.EIO, results[1]);
        assertEquals(BLOCK_BYTES, results[2]);
    }

    @Test
    void syncShouldForceAndReportItsFailure() {
        assertTrue(file.sync(0));
        poll();
        assertEquals(0, results[0]);
        assertEquals(1, channel.forceCount);

        channel.failsForces = true;
        assertTrue(file.sync(1));
        poll();
        assertEquals(-Errno.EIO, results[1]);
    }

    @Test
    void syncShouldComeAfterTheWritesBeforeIt() {
        submit(0, Reach.WRITTEN);
        assertTrue(file.sync(CAPACITY));
        submit(1, Reach.WRITTEN);

        poll();

        assertEquals(2, channel.writeCount, "a sync in between parts the writes");
        assertEquals(0, results[CAPACITY]);
    }

    @Test
    void shortReadsShouldGoOnUntilTheEnd() throws IOException {
        write(2, Reach.WRITTEN);
        poll();
        AlignedBlock target = blocks.get(CAPACITY - 1);
        channel.bytesMax = 3 * ALIGN_BYTES;

        assertTrue(file.readAt(BLOCK_BYTES, target, 0, BLOCK_BYTES, 3));
        poll();

        assertEquals(BLOCK_BYTES, results[3]);
        assertArrayEquals(bytesOf(blocks.get(1)), bytesOf(target));
    }

    @Test
    void failedReadShouldBeAResult() {
        channel.failsReads = true;
        assertTrue(file.readAt(0, blocks.get(0), 0, BLOCK_BYTES, 0));

        poll();

        assertEquals(-Errno.EIO, results[0]);
    }

    @Test
    void throwingHandlerShouldLoseNoOtherCompletion() {
        write(3, Reach.WRITTEN);
        CompletionHandler throwing =
                (tag, result) -> {
                    results[(int) tag] = result;
                    throw new IllegalStateException("the handler's own");
                };

        assertThrows(IllegalStateException.class, () -> io.poll(throwing));
        assertEquals(2, io.inFlight());
        poll();

        for (int i = 0; i < 3; i++) {
            assertEquals(BLOCK_BYTES, results[i]);
        }
    }

    private void write(int count, Reach reach) {
        for (int i = 0; i < count; i++) {
            submit(i, reach);
        }
    }

    private void submit(int number, Reach reach) {
        long position = (long) number * BLOCK_BYTES;
        assertTrue(file.writeAt(position, blocks.get(number), 0, BLOCK_BYTES, reach, number));
    }

    private void poll() {
        io.poll((tag, result) -> results[(int) tag] = result);
        assertEquals(0, io.inFlight());
    }

    private void assertWritten(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            assertEquals(BLOCK_BYTES, results[i]);
        }
        assertContent(count);
        Files.write(path, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    }

    private void assertContent(int count) throws IOException {
        byte[] content = Files.readAllBytes(path);
        for (int i = 0; i < count; i++) {
            assertArrayEquals(
                    bytesOf(blocks.get(i)),
                    Arrays.copyOfRange(content, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
        }
    }

    private static byte[] bytesOf(AlignedBlock block) {
        byte[] bytes = new byte[BLOCK_BYTES];
        block.buffer().getBytes(0, bytes);
        return bytes;
    }
}
