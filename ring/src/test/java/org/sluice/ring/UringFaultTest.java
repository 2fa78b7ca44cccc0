package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.Ring;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;
import org.sluice.store.LesserPlatform;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Faults brought about for real, one test for each. */
@ExtendWith(UringCondition.class)
class UringFaultTest {
    private static final int BLOCK_BYTES = 4096;
    private static final int SIGPIPE = 13;
    private static final long TIMEOUT_NS = 20_000_000_000L;
    private static final long SHORT_NS = 50_000_000L;

    @TempDir private Path directory;

    private final AlignedBlockPool pool = new AlignedBlockPool(4, BLOCK_BYTES);

    @Test
    void engineShouldBeBrokenForGoodWhenItsRingFails() throws IOException {
        Files.createFile(directory.resolve("data"));
        Set<Integer> before = rings();
        UringIo io = open(UringOptions.DEFAULT, Feature.REGISTERED_RING).openIo(pool, 4, SHORT_NS);
        AsyncFile file = io.open("data");
        int kept = AbandonedMemory.count();
        replaceRing(before);

        assertTrue(file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, 1));
        AppendException first = assertThrows(AppendException.class, () -> io.poll((t, r) -> {}));
        AppendException later =
                assertThrows(AppendException.class, () -> io.await((t, r) -> {}, TIMEOUT_NS));

        assertEquals(AppendException.Code.IO, first.code());
        assertEquals(Errno.EOPNOTSUPP, first.errno());
        assertSame(first, later);
        assertThrows(AppendException.class, () -> file.sync(2));
        // The write was never taken by the kernel, so there is nothing to wait for.
        assertEquals(1, io.inFlight());
        io.close();
        assertEquals(0, io.inFlight());
        assertEquals(kept, AbandonedMemory.count());
        assertEquals(0, Files.size(directory.resolve("data")));
    }

    @Test
    void closeAfterFailureShouldKeepMemoryThatIsInFlight() throws Exception {
        Set<Integer> before = rings();
        UringIo io =
                open(UringOptions.DEFAULT.withDirect(false), Feature.REGISTERED_RING)
                        .openIo(pool, 4, SHORT_NS);
        UringFile pipe = io.adopt(directory, pipe(), false);
        assertTrue(pipe.readAt(0, pool.block(0), 0, 512, 1));
        assertEquals(0, io.poll((tag, result) -> {}));
        int kept = AbandonedMemory.count();
        replaceRing(before);
        assertThrows(AppendException.class, () -> io.await((t, r) -> {}, TIMEOUT_NS));

        assertThrows(AppendException.class, io::close);

        assertEquals(kept + 1, AbandonedMemory.count());
    }

    /** An operation that never ends: its memory must outlive the engine, and the close must end. */
    @Test
    void closeShouldGiveUpAndKeepMemoryOfOperationsThatNeverEnd() throws Exception {
        UringIo io = open(UringOptions.DEFAULT.withDirect(false)).openIo(pool, 4, SHORT_NS);
        UringFile pipe = io.adopt(directory, pipe(), false);
        assertTrue(pipe.readAt(0, pool.block(0), 0, 512, 1));
        assertEquals(0, io.await((tag, result) -> {}, SHORT_NS));
        int kept = AbandonedMemory.count();

        AppendException thrown = assertThrows(AppendException.class, io::close);

        assertEquals(AppendException.Code.IO, thrown.code());
        assertEquals(kept + 1, AbandonedMemory.count());
        assertEquals(1, io.inFlight());
        io.close();
    }

    /** What was submitted before a call that failed may be with the kernel. */
    @Test
    void trialThatFailsShouldKeepItsMemory() throws IOException {
        Set<Integer> before = rings();
        try (Ring ring = Ring.open(4, 0, 0, true)) {
            replaceRing(before);
            int kept = AbandonedMemory.count();

            Support support =
                    new TrialWrite(ring, false).run(directory, false, pool.block(0), pool.block(1));

            assertFalse(support.available());
            assertTrue(support.reason().startsWith("a trial write failed"), support.reason());
            assertEquals(kept + 1, AbandonedMemory.count());
        }
    }

    @Test
    void signalsShouldNotDisturbTheWait() throws Exception {
        int[] results = new int[1];
        try (UringIo io =
                open(UringOptions.DEFAULT.withDirect(false)).openIo(pool, 4, TIMEOUT_NS)) {
            int fd = pipe();
            UringFile pipe = io.adopt(directory, fd, false);
            assertTrue(pipe.readAt(0, pool.block(0), 0, 512, 1));
            int waiting = NativeCalls.threadId();
            AtomicInteger waits = new AtomicInteger();
            Thread other = new Thread(() -> interruptThenWrite(fd, waiting, waits));
            other.start();

            long deadlineNs = System.nanoTime() + TIMEOUT_NS;
            while (io.inFlight() > 0 && System.nanoTime() < deadlineNs) {
                waits.incrementAndGet();
                io.await((tag, result) -> results[0] = result, TIMEOUT_NS);
            }
            other.join();

            assertEquals(512, results[0]);
            assertTrue(waits.get() > 20, "only " + waits + " waits: no signal ended one");
        }
    }

    /** Each signal ends a wait early; the next is sent when the next wait has begun. */
    private void interruptThenWrite(int fd, int waiting, AtomicInteger waits) {
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        for (int i = 1; i <= 20; i++) {
            while (waits.get() <= i && System.nanoTime() < deadlineNs) {
                NativeCalls.signal(waiting, SIGPIPE);
                Thread.onSpinWait();
            }
        }
        // A pipe can't be written at a position, as Libc does: it is opened anew, by its
        // descriptor.
        try {
            Files.write(Path.of("/proc/self/fd/" + fd), new byte[512]);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The result of registering must not be ignored: here there are more blocks than a ring takes.
     */
    @Test
    void blocksThatCannotBeRegisteredShouldWorkAndBeTold() throws IOException {
        Files.createFile(directory.resolve("data"));
        AlignedBlockPool large = new AlignedBlockPool(16_385, BLOCK_BYTES);
        UringStorage storage = open(UringOptions.DEFAULT);
        assertTrue(storage.capabilities().has(Feature.REGISTERED_BUFFERS));
        int[] results = new int[1];

        try (UringIo io = storage.openIo(large, 4, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            AlignedBlock last = large.block(16_384);
            last.buffer().setMemory(0, BLOCK_BYTES, (byte) 7);
            assertTrue(file.writeAt(0, last, 0, BLOCK_BYTES, Reach.DURABLE, 1));
            while (io.inFlight() > 0) {
                io.await((tag, result) -> results[0] = result, TIMEOUT_NS);
            }
        }

        assertEquals(BLOCK_BYTES, results[0]);
        assertEquals(7, Files.readAllBytes(directory.resolve("data"))[BLOCK_BYTES - 1]);
        Support support = storage.capabilities().features().get(Feature.REGISTERED_BUFFERS);
        assertFalse(support.available());
        assertNotEquals("", support.reason());
    }

    /** Completions are never collected into an array of some fixed length. */
    @Test
    void thousandsOfCompletionsShouldBeReapedAtOnce() throws IOException {
        int count = 4096;
        Files.createFile(directory.resolve("data"));
        boolean[] seen = new boolean[count];
        int[] calls = new int[1];

        try (UringIo io = open(UringOptions.DEFAULT).openIo(pool, count, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            for (int i = 0; i < count; i++) {
                assertTrue(file.writeAt(512L * i, pool.block(0), 0, 512, Reach.WRITTEN, i));
            }
            assertFalse(file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, count));
            while (io.inFlight() > 0) {
                io.await(
                        (tag, result) -> {
                            assertEquals(512, result);
                            assertFalse(seen[(int) tag], "twice: " + tag);
                            seen[(int) tag] = true;
                            calls[0]++;
                        },
                        TIMEOUT_NS);
            }
        }

        assertEquals(count, calls[0]);
        assertEquals(512L * count, Files.size(directory.resolve("data")));
    }

    @Test
    void handlerThatThrowsShouldLoseNoOtherCompletion() throws IOException {
        Files.createFile(directory.resolve("data"));
        int[] handedOut = new int[1];

        try (UringIo io = open(UringOptions.DEFAULT).openIo(pool, 4, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            for (int i = 0; i < 4; i++) {
                assertTrue(file.writeAt(512L * i, pool.block(0), 0, 512, Reach.WRITTEN, i));
            }
            long deadlineNs = System.nanoTime() + TIMEOUT_NS;
            while (io.inFlight() > 0 && System.nanoTime() < deadlineNs) {
                try {
                    io.await(
                            (tag, result) -> {
                                handedOut[0]++;
                                throw new IllegalArgumentException();
                            },
                            TIMEOUT_NS);
                } catch (IllegalArgumentException e) {
                    assertTrue(io.inFlight() < 4);
                }
            }
        }

        assertEquals(4, handedOut[0]);
    }

    @Test
    void handlerShouldNotPollOrClose() throws IOException {
        Files.createFile(directory.resolve("data"));
        int[] handedOut = new int[1];

        try (UringIo io = open(UringOptions.DEFAULT).openIo(pool, 4, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            assertTrue(file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, 1));
            while (io.inFlight() > 0) {
                io.await(
                        (tag, result) -> {
                            assertThrows(IllegalStateException.class, () -> io.poll((t, r) -> {}));
                            assertThrows(IllegalStateException.class, io::close);
                            handedOut[0]++;
                        },
                        TIMEOUT_NS);
            }
        }

        assertEquals(1, handedOut[0]);
    }

    @Test
    void readOnlyEngineShouldReadAndRefuseToWrite() throws IOException {
        byte[] content = new byte[BLOCK_BYTES];
        content[17] = 1;
        Files.write(directory.resolve("data"), content);
        int[] results = new int[2];

        try (UringIo io =
                        open(UringOptions.DEFAULT.withReadOnly(true)).openIo(pool, 4, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            assertTrue(file.readAt(0, pool.block(0), 0, BLOCK_BYTES, 0));
            assertTrue(file.writeAt(0, pool.block(1), 0, BLOCK_BYTES, Reach.WRITTEN, 1));
            while (io.inFlight() > 0) {
                io.await((tag, result) -> results[(int) tag] = result, TIMEOUT_NS);
            }
        }

        assertEquals(BLOCK_BYTES, results[0]);
        assertEquals(1, pool.block(0).buffer().getByte(17));
        assertEquals(-Errno.EBADF, results[1]);
    }

    @Test
    void linksShouldNotBeFollowedAndOtherThingsNotOpened() throws Exception {
        Files.createFile(directory.resolve("data"));
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("data"));
        Files.createDirectory(directory.resolve("directory"));
        Libc.close(pipe());

        try (UringIo io = open(UringOptions.DEFAULT).openIo(pool, 4, TIMEOUT_NS)) {
            for (String name : new String[] {"link", "directory", "pipe"}) {
                AppendException thrown = assertThrows(AppendException.class, () -> io.open(name));
                assertEquals(AppendException.Code.NOT_A_LOG, thrown.code());
            }
            assertThrows(IllegalArgumentException.class, () -> io.open("../data"));
        }
    }

    @Test
    void kernelShouldBeEnteredNoMoreThanNeeded() throws IOException {
        Files.createFile(directory.resolve("data"));
        int[] completed = new int[1];

        try (UringIo io = open(UringOptions.DEFAULT).openIo(pool, 4, TIMEOUT_NS);
                AsyncFile file = io.open("data")) {
            io.poll((tag, result) -> {});
            assertEquals(0, io.ring().enterCount());
            for (int i = 0; i < 3; i++) {
                assertTrue(file.writeAt(512L * i, pool.block(0), 0, 512, Reach.WRITTEN, i));
            }
            assertEquals(0, io.ring().enterCount());
            long deadlineNs = System.nanoTime() + TIMEOUT_NS;
            long polls = 0;
            while (io.inFlight() > 0 && System.nanoTime() < deadlineNs) {
                long entered = io.ring().enterCount();
                io.poll((tag, result) -> completed[0]++);
                assertTrue(io.ring().enterCount() <= entered + 1);
                polls++;
            }

            assertEquals(3, completed[0]);
            // One to submit, and at most one for each time that the kernel held completions back.
            assertTrue(
                    io.ring().enterCount() <= 4,
                    io.ring().enterCount() + " enters in " + polls + " polls");
        }
    }

    /** Puts something that is no ring under the descriptor of the ring that is new since. */
    private static void replaceRing(Set<Integer> before) throws IOException {
        Set<Integer> added = rings();
        added.removeAll(before);
        assertEquals(1, added.size());
        int other = Libc.open(Path.of("/dev/null"), Libc.O_RDONLY, 0);
        NativeCalls.dup2(other, added.iterator().next());
        Libc.close(other);
    }

    private UringStorage open(UringOptions options, Feature... missing) {
        Capabilities found = LesserPlatform.without(UringProbe.probe(directory), missing);
        return UringStorage.open(directory, StorePermissions.DEFAULT, options, found);
    }

    /** A pipe with a name, open for reading and writing, so that reads of it wait. */
    private int pipe() throws IOException, InterruptedException {
        Path path = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
        return Libc.open(path, Libc.O_RDWR, 0);
    }

    /** The descriptors of this process that are rings. */
    private static Set<Integer> rings() throws IOException {
        Set<Integer> rings = new HashSet<>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                if (isRing(fd)) {
                    rings.add(Integer.parseInt(String.valueOf(fd.getFileName())));
                }
            }
        }
        return rings;
    }

    private static boolean isRing(Path fd) throws IOException {
        try {
            return Files.readSymbolicLink(fd).toString().contains("io_uring");
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
