package org.sluice.ring.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.UringCondition;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Rings of the real kernel, without files and blocks where these don't matter. */
@ExtendWith(UringCondition.class)
class RingTest {
    private static final long TIMEOUT_NS = 10_000_000_000L;

    /** Most buffers one ring takes (IORING_MAX_REG_BUFFERS, io_uring/rsrc.c). */
    private static final int REGISTERED_BUFFERS_MAX = 1 << 14;

    private static final int SINGLE =
            UringAbi.SETUP_SINGLE_ISSUER
                    | UringAbi.SETUP_DEFER_TASKRUN
                    | UringAbi.SETUP_TASKRUN_FLAG;

    @TempDir private Path directory;

    @Test
    void fullQueueShouldBeTakenAtOnceAndReapedWhole() {
        try (Ring ring = Ring.open(1024, 0, 0, true)) {
            for (int i = 0; i < 1024; i++) {
                assertTrue(nop(ring, i));
            }
            assertFalse(nop(ring, 1024));
            ring.submissions().publish();

            assertEquals(1024, ring.enter(1024, UringAbi.ENTER_GETEVENTS));

            assertEquals(1024, ring.completions().ready());
            for (int i = 0; i < 1024; i++) {
                assertEquals(i, ring.completions().userData());
                assertEquals(0, ring.completions().result());
                ring.completions().advance();
            }
            assertEquals(0, ring.completions().ready());
        }
    }

    /** More completions than the queue holds are kept by the kernel, and must be asked for. */
    @Test
    void overflownCompletionsShouldBeFetchedAndNoneLost() {
        try (Ring ring = Ring.open(2, 0, 0, true)) {
            int entries = ring.completions().entries();
            for (int i = 0; i < 5 * entries; i++) {
                nop(ring, i);
                ring.submissions().publish();
                assertEquals(1, ring.enter(1, 0));
            }
            assertEquals(entries, ring.completions().ready());
            assertTrue(ring.submissions().hasHeldCompletions());

            int reaped = 0;
            while (ring.completions().ready() > 0) {
                for (int ready = ring.completions().ready(); ready > 0; ready--) {
                    assertEquals(reaped++, ring.completions().userData());
                    ring.completions().advance();
                }
                if (ring.submissions().hasHeldCompletions()) {
                    assertEquals(0, ring.enter(0, UringAbi.ENTER_GETEVENTS));
                }
            }

            assertEquals(5 * entries, reaped);
            assertFalse(ring.submissions().hasHeldCompletions());
        }
    }

    /** Without SUBMIT_ALL the kernel stops at an entry it does not understand. */
    @Test
    void partlyTakenSubmissionShouldBeCounted() {
        try (Ring ring = Ring.open(4, 0, 0, true)) {
            nop(ring, 1);
            ring.submissions().put(250, 0, -1, 0, 0, 0, 0, 2, 0);
            nop(ring, 3);
            ring.submissions().publish();

            assertEquals(2, ring.enter(3, UringAbi.ENTER_GETEVENTS));

            assertEquals(1, ring.submissions().unsubmitted());
            assertEquals(1, ring.enter(1, UringAbi.ENTER_GETEVENTS));
            assertEquals(0, ring.submissions().unsubmitted());
            assertEquals(3, ring.completions().ready());
            ring.completions().advance();
            assertEquals(2, ring.completions().userData());
            assertEquals(-Errno.EINVAL, ring.completions().result());
        }
    }

    @Test
    void waitShouldEndAfterItsTime() {
        try (Ring ring = Ring.open(1, SINGLE, 0, true)) {
            long startNs = System.nanoTime();

            int result = ring.enterAndWait(0, 0, 2_000_000);

            assertEquals(-Errno.ETIME, result);
            assertTrue(System.nanoTime() - startNs >= 2_000_000);
        }
    }

    @Test
    void registeredRingShouldWorkLikeItsDescriptor() {
        try (Ring ring = Ring.open(1, SINGLE, 0, true)) {
            assertEquals(0, ring.registerRingFd());
            nop(ring, 5);
            ring.submissions().publish();

            assertEquals(1, ring.enterAndWait(1, 0, TIMEOUT_NS));

            assertEquals(5, ring.completions().userData());
        }
    }

    @Test
    void otherThreadShouldBeRefused() throws InterruptedException {
        try (Ring ring = Ring.open(1, SINGLE, 0, true)) {
            nop(ring, 1);
            ring.submissions().publish();
            AtomicInteger result = new AtomicInteger();

            Thread thread = new Thread(() -> result.set(ring.enter(1, 0)));
            thread.start();
            thread.join();

            assertEquals(-Errno.EEXIST, result.get());
            assertEquals(1, ring.enterAndWait(1, 0, TIMEOUT_NS));
        }
    }

    @Test
    void impossibleRingShouldBeRefusedWithErrno() {
        AppendException thrown =
                assertThrows(
                        AppendException.class,
                        () -> Ring.open(2, UringAbi.SETUP_DEFER_TASKRUN, 0, true).close());

        assertEquals(AppendException.Code.UNSUPPORTED, thrown.code());
        assertEquals(Errno.EINVAL, thrown.errno());
        assertEquals(-Errno.EINVAL, Ring.trySetup(UringAbi.SETUP_DEFER_TASKRUN));
        assertThrows(IllegalArgumentException.class, () -> Ring.open(0, 0, 0, true).close());
    }

    @Test
    void writeBeyondRegisteredMemoryShouldFault() {
        AlignedBlockPool pool = new AlignedBlockPool(2, AlignedBlockPool.PAGE_BYTES);
        try (Ring ring = Ring.open(4, 0, 0, true);
                OpenFile file = new OpenFile(directory, 0)) {
            AlignedBlock registered = pool.block(0);
            assertEquals(0, ring.registerBuffers(new long[] {registered.address()}, 4096));

            assertEquals(-Errno.EFAULT, writeFixed(ring, file.fd, registered.address(), 8192, 0));
            assertEquals(
                    -Errno.EFAULT, writeFixed(ring, file.fd, pool.block(1).address(), 4096, 0));
            assertEquals(-Errno.EFAULT, writeFixed(ring, file.fd, registered.address(), 4096, 1));
            assertEquals(4096, writeFixed(ring, file.fd, registered.address(), 4096, 0));
        }
    }

    @Test
    void registrationThatFailsShouldSaySo() {
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        try (Ring ring = Ring.open(1, 0, 0, true)) {
            assertEquals(
                    -Errno.EINVAL,
                    ring.registerBuffers(new long[REGISTERED_BUFFERS_MAX + 1], 4096));
            assertEquals(-Errno.EFAULT, ring.registerBuffers(new long[] {4096}, 4096));
            assertEquals(-Errno.ENXIO, ring.updateFileSlot(0, 0));
            assertEquals(0, ring.registerFileSlots(1));
            assertEquals(-Errno.EBUSY, ring.registerFileSlots(1));
            assertEquals(-Errno.EINVAL, ring.updateFileSlot(1, 0));
            assertEquals(-Errno.EBADF, ring.updateFileSlot(0, 1_000_000));
            assertEquals(0, ring.registerBuffers(new long[] {pool.block(0).address()}, 4096));
        }
    }

    @Test
    void operationOnClosedDescriptorShouldFail() {
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        // The ring first: its descriptor must not become the one that is closed.
        try (Ring ring = Ring.open(1, 0, 0, true)) {
            int fd;
            try (OpenFile file = new OpenFile(directory, 0)) {
                fd = file.fd;
            }
            ring.submissions()
                    .put(UringAbi.OP_WRITE, 0, fd, 0, pool.block(0).address(), 512, 0, 0, 0);

            assertEquals(-Errno.EBADF, perform(ring));
        }
    }

    @Test
    void misalignedDirectWriteShouldBeRefused() {
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        try (Ring ring = Ring.open(1, 0, 0, true);
                OpenFile file = new OpenFile(directory, Libc.O_DIRECT)) {
            if (file.fd < 0) {
                abort("no O_DIRECT in " + directory);
            }
            ring.submissions()
                    .put(UringAbi.OP_WRITE, 0, file.fd, 0, pool.block(0).address(), 100, 0, 0, 0);

            assertEquals(-Errno.EINVAL, perform(ring));
        }
    }

    /**
     * The kernel thread falls asleep just when something is submitted. Without a full fence between
     * the store of the tail and the load of the flags, sooner or later nobody takes the submission.
     */
    @Test
    void sleepingKernelThreadShouldAlwaysBeWoken() {
        int wakeups = 0;
        long pauseNs = 1_000_000;
        try (Ring ring = Ring.open(8, UringAbi.SETUP_SQPOLL, 1, true)) {
            for (int i = 0; i < 200; i++) {
                long untilNs = System.nanoTime() + pauseNs;
                while (System.nanoTime() < untilNs) {
                    Thread.onSpinWait();
                }
                nop(ring, i);
                ring.submissions().publish();
                if (ring.submissions().needsWakeup()) {
                    wakeups++;
                    assertTrue(ring.enter(1, UringAbi.ENTER_SQ_WAKEUP) >= 0);
                    pauseNs -= pauseNs / 16;
                } else {
                    // Stays at the edge between awake and asleep, wherever the machine puts it.
                    pauseNs += pauseNs / 16;
                }
                long deadlineNs = System.nanoTime() + TIMEOUT_NS;
                while (ring.completions().ready() == 0) {
                    assertTrue(System.nanoTime() < deadlineNs, "submission " + i + " never taken");
                    Thread.onSpinWait();
                }
                assertEquals(i, ring.completions().userData());
                ring.completions().advance();
            }
        }
        assertNotEquals(0, wakeups, "the thread never slept");
    }

    /** Minutes of it, until the kernel's own 32-bit indices have wrapped. */
    @Test
    @Tag("long")
    void indicesOfTheKernelShouldWrap() {
        int batch = 4096;
        long total = (1L << 32) + 2L * batch;
        try (Ring ring = Ring.open(batch, SINGLE, 0, true)) {
            ring.registerRingFd();
            for (long done = 0; done < total; done += batch) {
                for (int i = 0; i < batch; i++) {
                    nop(ring, done + i);
                }
                ring.submissions().publish();
                assertEquals(batch, ring.enter(batch, UringAbi.ENTER_GETEVENTS));
                for (int i = 0; i < batch; i++) {
                    assertEquals(done + i, ring.completions().userData());
                    ring.completions().advance();
                }
                assertEquals(0, ring.completions().ready());
            }
        }
    }

    private static boolean nop(Ring ring, long userData) {
        return ring.submissions().put(UringAbi.OP_NOP, 0, -1, 0, 0, 0, 0, userData, 0);
    }

    private static int writeFixed(Ring ring, int fd, long address, int length, int bufferIndex) {
        ring.submissions()
                .put(UringAbi.OP_WRITE_FIXED, 0, fd, 0, address, length, 0, 0, bufferIndex);
        return perform(ring);
    }

    private static int perform(Ring ring) {
        ring.submissions().publish();
        assertEquals(1, ring.enterAndWait(1, 0, TIMEOUT_NS));
        assertEquals(1, ring.completions().ready());
        int result = ring.completions().result();
        ring.completions().advance();
        return result;
    }

    private static final class OpenFile implements AutoCloseable {
        private final int fd;

        private OpenFile(Path directory, int flags) {
            int access = Libc.O_RDWR | Libc.O_CREAT;
            this.fd = Libc.open(directory.resolve("file"), access | flags, 0600);
        }

        @Override
        public void close() {
            Libc.close(fd);
        }
    }
}
