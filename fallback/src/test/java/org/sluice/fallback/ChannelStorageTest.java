package org.sluice.fallback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;

import org.agrona.collections.MutableLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.UninterruptibleThread;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

class ChannelStorageTest {
    private static final int BLOCK_BYTES = 4096;
    private static final int CAPACITY = 8;

    @TempDir Path temporary;

    private final AlignedBlockPool pool = new AlignedBlockPool(CAPACITY, BLOCK_BYTES);

    /** A pipe under the name a trial had would block whoever opens it, a link would be followed. */
    @Test
    void probeShouldNotMeetWhatIsThere() throws IOException {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        Capabilities expected = probe(directory);
        Path link = temporary.resolve("probe.spare");
        Files.createSymbolicLink(link, temporary.resolve("missing").resolve("file"));

        Capabilities found = probe(directory);

        assertEquals(expected.features(), found.features());
        assertEquals(List.of("probe.spare"), directory.list());
    }

    @Test
    void capabilitiesShouldTellWhatIsThereAndWhy() {
        Capabilities found = probe(new FileSystemDirectory(temporary));

        assertFalse(found.has(Feature.IO_URING));
        assertNull(found.liburing());
        assertEquals(found.has(Feature.DIRECT_IO), found.directAlignBytes() > 0);
        assertTrue(found.os().startsWith(System.getProperty("os.name")));
        for (Feature feature : Feature.values()) {
            var support = found.features().get(feature);
            assertTrue(support.available() || !support.reason().isEmpty(), feature.label());
        }
    }

    @Test
    void probingShouldLeaveNothingBehind() {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);

        ChannelStorage storage = new ChannelStorage(directory, false, null);

        assertEquals(List.of(), directory.list());
        assertSame(Backend.CHANNEL, storage.backend());
        assertSame(directory, storage.directory());
    }

    @Test
    void directShouldBeRefusedWithReasonWhereItCannotBeHad() {
        // procfs takes no files at all, so no O_DIRECT ones either; elsewhere it does not exist.
        FileSystemDirectory directory = new FileSystemDirectory(Path.of("/proc/self"));

        AppendException e =
                assertThrows(
                        AppendException.class, () -> new ChannelStorage(directory, true, null));

        assertSame(AppendException.Code.UNSUPPORTED, e.code());
        assertFalse(probe(directory).has(Feature.DIRECT_IO));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void steadyStateShouldAllocateNothing(boolean direct) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        assumeTrue(!direct || probe(directory).has(Feature.DIRECT_IO), "no O_DIRECT");
        ChannelStorage storage = new ChannelStorage(directory, direct, null);
        storage.directory().create("file").close();
        try (AsyncIo io = storage.openIo(pool, CAPACITY)) {
            AsyncFile file = io.open("file");
            AlignedBlock[] blocks = new AlignedBlock[CAPACITY];
            for (int i = 0; i < CAPACITY; i++) {
                blocks[i] = pool.take();
            }
            MutableLong bytes = new MutableLong();
            CompletionHandler handler = (tag, result) -> bytes.addAndGet(result);
            // Until compiled code runs, and the JDK's per-thread buffers are there.
            cycle(io, file, blocks, handler, 10_000);

            long leastAllocated = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                cycle(io, file, blocks, handler, 1_000);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                leastAllocated = Math.min(leastAllocated, allocated);
            }

            assertEquals(0, leastAllocated);
            assertTrue(bytes.get() > 0);
        }
    }

    /** Gathered writes, one alone, a read and now and then a sync. */
    private static void cycle(
            AsyncIo io,
            AsyncFile file,
            AlignedBlock[] blocks,
            CompletionHandler handler,
            int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < CAPACITY - 3; i++) {
                submitWrite(file, (long) i * BLOCK_BYTES, blocks[i]);
            }
            submitWrite(file, 100L * BLOCK_BYTES, blocks[CAPACITY - 2]);
            file.readAt(0, blocks[CAPACITY - 1], 0, BLOCK_BYTES, round);
            if (round % 500 == 0) {
                file.sync(round);
            }
            while (io.inFlight() > 0) {
                io.poll(handler);
            }
        }
    }

    private static void submitWrite(AsyncFile file, long position, AlignedBlock block) {
        file.writeAt(position, block, 0, BLOCK_BYTES, AsyncFile.Reach.WRITTEN, position);
    }

    @Test
    void interruptsShouldNotCloseTheFileUnderItsWriter() throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        Thread writer =
                new UninterruptibleThread(
                        () -> {
                            try {
                                writeMany();
                            } catch (Throwable e) {
                                failure.set(e);
                            } finally {
                                done.set(true);
                            }
                        },
                        "writer");

        writer.start();
        while (!done.get()) {
            writer.interrupt();
            Thread.onSpinWait();
        }
        writer.join(TimeUnit.SECONDS.toMillis(20));

        assertNull(failure.get());
        assertFalse(writer.isAlive());
    }

    private void writeMany() {
        ChannelStorage storage =
                new ChannelStorage(new FileSystemDirectory(temporary), false, null);
        storage.directory().create("file").close();
        try (AsyncIo io = storage.openIo(pool, CAPACITY)) {
            AsyncFile file = io.open("file");
            AlignedBlock block = pool.take();
            for (int i = 0; i < 5_000; i++) {
                submitWrite(file, (long) i * BLOCK_BYTES, block);
                io.poll((tag, result) -> assertEquals(BLOCK_BYTES, result));
            }
            file.sync(0);
            io.poll((tag, result) -> assertEquals(0, result));
            assertEquals(5_000L * BLOCK_BYTES, file.size());
        }
    }

    @Test
    void interruptOfAnOrdinaryThreadShouldBeAResultNotAnException() {
        ChannelStorage storage =
                new ChannelStorage(new FileSystemDirectory(temporary), false, null);
        storage.directory().create("file").close();
        MutableLong last = new MutableLong();
        AsyncIo io = storage.openIo(pool, CAPACITY);
        AsyncFile file = io.open("file");
        submitWrite(file, 0, pool.take());

        Thread.currentThread().interrupt();
        io.poll((tag, result) -> last.set(result));

        assertTrue(Thread.interrupted());
        assertEquals(-Errno.EBADF, last.get());
        io.close();
    }

    /** It is about the thread, and says nothing about the directory. */
    @Test
    void interruptShouldNotPassForALackOfDirectIo() {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        assumeTrue(probe(directory).has(Feature.DIRECT_IO), "no O_DIRECT");

        Thread.currentThread().interrupt();
        Capabilities found = new ChannelStorage(directory, true, null).capabilities();

        assertTrue(Thread.interrupted());
        assertTrue(found.has(Feature.DIRECT_IO));
    }

    /** What the portable backend finds in {@code directory}. */
    private static Capabilities probe(FileSystemDirectory directory) {
        return new ChannelStorage(directory, false, null).capabilities();
    }
}
