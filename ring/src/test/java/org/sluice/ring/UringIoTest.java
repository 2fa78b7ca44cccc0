package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.AsyncIo;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.LesserPlatform;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

@ExtendWith(UringCondition.class)
class UringIoTest {
    private static final int BLOCK_BYTES = 16 * 1024;
    private static final int CAPACITY = 8;
    private static final long TIMEOUT_NS = 10_000_000_000L;

    private static final Setting STANDARD = new Setting(UringOptions.DEFAULT, true);

    @TempDir private Path directory;

    /** Options, on a platform where blocks and files can be registered or not. */
    record Setting(UringOptions options, boolean registers) {}

    static Stream<Setting> settings() {
        UringOptions standard = UringOptions.DEFAULT;
        return Stream.of(
                new Setting(standard, true),
                new Setting(standard.withDirect(false), true),
                new Setting(standard, false),
                new Setting(standard.withSqPoll(true), true),
                new Setting(standard.withSqPoll(true).withDirect(false), false));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void writesShouldCompleteWholeAndBeReadBack(Setting setting) throws IOException {
        createFile("data");
        AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);
        Random random = new Random(42);
        byte[] expected = new byte[64 * BLOCK_BYTES];
        random.nextBytes(expected);
        Collector collector = new Collector(pool);

        try (AsyncIo io = open(setting).openIo(pool, CAPACITY);
                AsyncFile file = io.open("data")) {
            for (int i = 0; i < 64; i++) {
                AlignedBlock block = collector.take(io);
                block.buffer().putBytes(0, expected, i * BLOCK_BYTES, BLOCK_BYTES);
                block.handOver();
                collector.blocks[block.index()] = block;
                Reach reach = i % 3 == 0 ? Reach.DURABLE : Reach.WRITTEN;
                assertTrue(
                        file.writeAt(
                                (long) i * BLOCK_BYTES,
                                block,
                                0,
                                BLOCK_BYTES,
                                reach,
                                block.index()));
                io.poll(collector);
            }
            collector.drain(io);
            assertTrue(file.sync(CAPACITY));
            collector.drain(io);
            assertTrue(file.syncBehind(CAPACITY));
            collector.drain(io);
            assertEquals((long) expected.length, file.size());
        }

        assertEquals(64 * (long) BLOCK_BYTES, collector.bytes);
        assertTrue(Arrays.equals(expected, Files.readAllBytes(directory.resolve("data"))));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void readsShouldBeShortOnlyAtEndOfFile(Setting setting) throws IOException {
        byte[] content = new byte[BLOCK_BYTES + 1000];
        new Random(1).nextBytes(content);
        Files.write(directory.resolve("data"), content);
        AlignedBlockPool pool = new AlignedBlockPool(1, BLOCK_BYTES);
        AlignedBlock block = pool.take();
        List<Integer> results = new ArrayList<>();

        try (AsyncIo io = open(setting).openIo(pool, CAPACITY);
                AsyncFile file = io.open("data")) {
            for (long position : new long[] {0, BLOCK_BYTES, 2 * BLOCK_BYTES, 512}) {
                assertTrue(file.readAt(position, block, 0, BLOCK_BYTES, 0));
                await(io, (tag, result) -> results.add(result));
            }
        }

        assertEquals(List.of(BLOCK_BYTES, 1000, 0, BLOCK_BYTES), results);
        for (int i = 0; i < BLOCK_BYTES; i++) {
            assertEquals(content[512 + i], block.buffer().getByte(i));
        }
    }

    @Test
    void openShouldNameMissingFile() {
        AlignedBlockPool pool = new AlignedBlockPool(1, BLOCK_BYTES);

        try (AsyncIo io = open(STANDARD).openIo(pool, 1)) {
            AppendException thrown = assertThrows(AppendException.class, () -> io.open("absent"));
            assertEquals(AppendException.Code.NOT_FOUND, thrown.code());
            assertEquals(Errno.ENOENT, thrown.errno());
            assertEquals(directory.resolve("absent"), thrown.file());
        }
    }

    @Test
    void moreFilesThanSlotsShouldWork() throws IOException {
        AlignedBlockPool pool = new AlignedBlockPool(1, BLOCK_BYTES);
        AlignedBlock block = pool.take();

        try (AsyncIo io = open(STANDARD).openIo(pool, 1)) {
            List<AsyncFile> files = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                createFile("f" + i);
                files.add(io.open("f" + i));
            }
            for (AsyncFile file : files) {
                assertTrue(file.writeAt(0, block, 0, 512, Reach.WRITTEN, 7));
                await(io, (tag, result) -> assertEquals(512, result));
                file.close();
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(512, Files.size(directory.resolve("f" + i)));
                try (AsyncFile again = io.open("f" + i)) {
                    assertEquals(512, again.size());
                }
            }
        }
    }

    @Test
    void closeShouldWaitForWhatIsInFlightAndCarryItOut() throws IOException {
        createFile("data");
        AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);
        AsyncIo io = open(STANDARD).openIo(pool, CAPACITY);
        AsyncFile file = io.open("data");
        AlignedBlock block = pool.take();
        block.buffer().setMemory(0, BLOCK_BYTES, (byte) 1);
        for (int i = 0; i < CAPACITY; i++) {
            file.writeAt((long) i * BLOCK_BYTES, block, 0, BLOCK_BYTES, Reach.WRITTEN, i);
        }

        io.close();

        byte[] written = Files.readAllBytes(directory.resolve("data"));
        assertEquals(CAPACITY * BLOCK_BYTES, written.length);
        for (byte b : written) {
            assertEquals(1, b);
        }
        assertThrows(IllegalStateException.class, () -> io.open("data"));
    }

    private UringStorage open(Setting setting) {
        Capabilities found = UringProbe.probe(directory);
        if (!setting.registers()) {
            found =
                    LesserPlatform.without(
                            found, Feature.REGISTERED_BUFFERS, Feature.REGISTERED_FILES);
        }
        return UringStorage.open(directory, StorePermissions.DEFAULT, setting.options(), found);
    }

    private void createFile(String name) throws IOException {
        Files.createFile(directory.resolve(name));
    }

    private static void await(AsyncIo io, CompletionHandler handler) {
        int count = 0;
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        while (count == 0) {
            assertTrue(System.nanoTime() < deadlineNs, "no completion");
            count = io.await(handler, TIMEOUT_NS);
        }
    }

    /** Gives blocks back as their writes complete. */
    private static final class Collector implements CompletionHandler {
        private final AlignedBlockPool pool;
        private final AlignedBlock[] blocks;
        private long bytes;

        private Collector(AlignedBlockPool pool) {
            this.pool = pool;
            this.blocks = new AlignedBlock[pool.blockCount() + 1];
        }

        @Override
        public void onCompletion(long tag, int result) {
            assertTrue(result >= 0, () -> Errno.sentence(-result));
            bytes += result;
            AlignedBlock block = blocks[(int) tag];
            if (block != null) {
                pool.release(block);
            }
        }

        private AlignedBlock take(AsyncIo io) {
            AlignedBlock block = pool.take();
            for (int i = 0; i < 1000 && block == null; i++) {
                io.await(this, TIMEOUT_NS);
                block = pool.take();
            }
            assertNotNull(block);
            return block;
        }

        private void drain(AsyncIo io) {
            for (int i = 0; i < 1000 && io.inFlight() > 0; i++) {
                io.await(this, TIMEOUT_NS);
            }
            assertEquals(0, io.inFlight());
        }
    }
}
