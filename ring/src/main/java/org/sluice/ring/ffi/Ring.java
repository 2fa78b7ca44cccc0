package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One io_uring: its two queues, the call that enters the kernel, and what can be registered with
 * it. Knows nothing of files and blocks; those who do are above.
 *
 * <p><b>Thread.</b> Made, used and closed on one thread: the memory is confined to it,
 * SINGLE_ISSUER answers others with EEXIST, and a registered ring descriptor means nothing to them.
 * One made without all three may go from thread to thread.
 *
 * <p><b>Errors.</b> Methods that return an {@code int} return a negated error number when they
 * fail, since most failures are for the caller to live with.
 */
public final class Ring implements AutoCloseable {
    private static final int SIGMASK_BYTES = 8; // _NSIG / 8
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Arena arena;
    private final MemorySegment ring;
    private final MemorySegment waitArgument;
    private final MemorySegment waitTime;
    private final MemorySegment oneFd;
    private final int setupFlags;
    private final int features;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private int enterFd;
    private int enterFlags;
    private long enterCount;

    private Ring(Arena arena, MemorySegment ring, MemorySegment params) {
        this.arena = arena;
        this.ring = ring;
        this.waitArgument = arena.allocate(RingLayout.WAIT_ARGUMENT);
        this.waitTime = arena.allocate(RingLayout.TIMESPEC);
        this.oneFd = arena.allocate(JAVA_INT);
        this.setupFlags = params.get(JAVA_INT, RingLayout.PARAMS_FLAGS);
        this.features = params.get(JAVA_INT, RingLayout.PARAMS_FEATURES);
        this.submissions = submissionQueue(ring, params);
        this.completions = completionQueue(ring, params);
        this.enterFd = ring.get(JAVA_INT, RingLayout.RING_FD);
        waitArgument.set(JAVA_INT, RingLayout.WAIT_SIGMASK_BYTES, SIGMASK_BYTES);
        waitArgument.set(ADDRESS, RingLayout.WAIT_TIMESPEC, waitTime);
    }

    /**
     * Makes a ring for the calling thread.
     *
     * @param entries length of the submission queue; the kernel rounds it up to a power of two and
     *     makes the completion queue twice as long
     * @param setupFlags {@code SETUP_*} of {@link UringAbi}
     * @param sqPollIdleMs with SETUP_SQPOLL: how long the kernel thread spins before it sleeps
     * @param isConfined whether the memory is the calling thread's alone
     * @throws AppendException with the error number if the kernel refuses
     */
    // The arena belongs to the ring that is returned, and is closed with it.
    @SuppressWarnings("MustBeClosedChecker")
    public static Ring open(int entries, int setupFlags, int sqPollIdleMs, boolean isConfined) {
        if (entries < 1 || entries > UringAbi.ENTRIES_MAX) {
            throw new IllegalArgumentException(
                    "entries must be 1 to " + UringAbi.ENTRIES_MAX + ": " + entries);
        }
        Arena arena = isConfined ? Arena.ofConfined() : Arena.ofShared();
        MemorySegment ring = arena.allocate(RingLayout.RING);
        MemorySegment params = params(arena, setupFlags, sqPollIdleMs);
        int result = Liburing.queueInit(entries, ring, params);
        if (result < 0) {
            arena.close();
            throw failure(-result);
        }
        try {
            return new Ring(arena, ring, params);
        } catch (AppendException e) {
            Liburing.queueExit(ring);
            arena.close();
            throw e;
        }
    }

    /**
     * Whether the kernel would make a ring with these flags; makes one and closes it.
     *
     * @return 0 or a negated error number
     */
    public static int trySetup(int setupFlags) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Liburing.setup(2, params(arena, setupFlags, 1));
            return fd < 0 ? fd : Libc.close(fd);
        }
    }

    /** Where operations are put. */
    public SubmissionQueue submissions() {
        return submissions;
    }

    /** Where their results appear. */
    public CompletionQueue completions() {
        return completions;
    }

    /** The {@code SETUP_*} flags in force. */
    public int setupFlags() {
        return setupFlags;
    }

    /** How often the kernel was entered, for the tests. */
    public long enterCount() {
        return enterCount;
    }

    /** The kernel's {@code FEATURE_*} flags. */
    public int features() {
        return features;
    }

    /**
     * Enters the kernel without waiting.
     *
     * @param submitCount how many published SQEs it may take
     * @param flags {@code ENTER_*} of {@link UringAbi}
     * @return the SQEs taken, or a negated error number
     */
    public int enter(int submitCount, int flags) {
        enterCount++;
        return Liburing.enter(
                enterFd, submitCount, 0, flags | enterFlags, MemorySegment.NULL, SIGMASK_BYTES);
    }

    /**
     * Enters the kernel and waits for one completion.
     *
     * @param timeoutNs how long at most, 0 or more
     * @return the SQEs taken, −ETIME after the timeout, or another negated error number
     */
    public int enterAndWait(int submitCount, int flags, long timeoutNs) {
        enterCount++;
        waitTime.set(JAVA_LONG, RingLayout.TIMESPEC_SECONDS, timeoutNs / NANOS_PER_SECOND);
        waitTime.set(JAVA_LONG, RingLayout.TIMESPEC_NANOS, timeoutNs % NANOS_PER_SECOND);
        return Liburing.enter(
                enterFd,
                submitCount,
                1,
                flags | enterFlags | UringAbi.ENTER_GETEVENTS | UringAbi.ENTER_EXT_ARG,
                waitArgument,
                RingLayout.WAIT_ARGUMENT.byteSize());
    }

    /**
     * Pins stretches of memory, so that operations on them (OP_WRITE_FIXED, OP_READ_FIXED) need
     * not. They stay pinned until the ring is gone.
     *
     * @param addresses first byte of each; a buffer's index is its place here
     * @param bytes length of each
     * @return 0 or a negated error number
     */
    public int registerBuffers(long[] addresses, int bytes) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment iovecs = temporary.allocate(RingLayout.IOVEC, addresses.length);
            for (int i = 0; i < addresses.length; i++) {
                iovecs.setAtIndex(JAVA_LONG, 2L * i, addresses[i]);
                iovecs.setAtIndex(JAVA_LONG, 2L * i + 1, bytes);
            }
            return Liburing.registerBuffers(ring, iovecs, addresses.length);
        }
    }

    /**
     * Undoes {@link #registerBuffers}, and with it what they count against the limit on locked
     * memory. No operation on them may be in flight.
     *
     * @return 0 or a negated error number
     */
    public int unregisterBuffers() {
        return Liburing.unregisterBuffers(ring);
    }

    /**
     * Makes a table of {@code count} empty slots for registered files.
     *
     * @return 0 or a negated error number
     */
    public int registerFileSlots(int count) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment fds = temporary.allocate(JAVA_INT, count);
            for (int i = 0; i < count; i++) {
                fds.setAtIndex(JAVA_INT, i, -1);
            }
            return Math.min(0, Liburing.registerFiles(ring, fds, count));
        }
    }

    /**
     * Puts a descriptor into a slot, or empties the slot if {@code fd} is −1. The kernel keeps what
     * it needs of a file that operations in flight still use.
     *
     * @return 0 or a negated error number
     */
    public int updateFileSlot(int slot, int fd) {
        oneFd.set(JAVA_INT, 0, fd);
        int updated = Liburing.registerFilesUpdate(ring, slot, oneFd, 1);
        if (updated < 0) {
            return updated;
        }
        return updated == 1 ? 0 : -Errno.EINVAL;
    }

    /**
     * Registers the ring's own descriptor with the calling thread, so that entering needn't look it
     * up.
     *
     * @return 0 or a negated error number
     */
    public int registerRingFd() {
        int result = Liburing.registerRingFd(ring);
        if (result < 0) {
            return result;
        }
        enterFd = ring.get(JAVA_INT, RingLayout.ENTER_RING_FD);
        enterFlags = UringAbi.ENTER_REGISTERED_RING;
        return 0;
    }

    /**
     * Unmaps and closes the ring. The kernel lets go of registered memory some time later; memory
     * that an operation in flight uses must outlive that operation, which nobody can wait for any
     * more.
     */
    @Override
    public void close() {
        Liburing.queueExit(ring);
        arena.close();
    }

    private static MemorySegment params(Arena arena, int setupFlags, int sqPollIdleMs) {
        MemorySegment params = arena.allocate(RingLayout.PARAMS);
        params.set(JAVA_INT, RingLayout.PARAMS_FLAGS, setupFlags);
        params.set(JAVA_INT, RingLayout.PARAMS_SQ_THREAD_IDLE, sqPollIdleMs);
        return params;
    }

    private static SubmissionQueue submissionQueue(MemorySegment ring, MemorySegment params) {
        int entries =
                checkedEntries(
                        params.get(JAVA_INT, RingLayout.PARAMS_SQ_ENTRIES),
                        RingLayout.pointed(ring, RingLayout.SQ_KRING_ENTRIES, Integer.BYTES));
        return new SubmissionQueue(
                RingLayout.pointed(ring, RingLayout.SQ_KHEAD, Integer.BYTES),
                RingLayout.pointed(ring, RingLayout.SQ_KTAIL, Integer.BYTES),
                RingLayout.pointed(ring, RingLayout.SQ_KFLAGS, Integer.BYTES),
                RingLayout.pointed(
                        ring, RingLayout.SQ_SQES, (long) entries * SubmissionQueue.SQE_BYTES),
                entries);
    }

    private static CompletionQueue completionQueue(MemorySegment ring, MemorySegment params) {
        int entries =
                checkedEntries(
                        params.get(JAVA_INT, RingLayout.PARAMS_CQ_ENTRIES),
                        RingLayout.pointed(ring, RingLayout.CQ_KRING_ENTRIES, Integer.BYTES));
        return new CompletionQueue(
                RingLayout.pointed(ring, RingLayout.CQ_KHEAD, Integer.BYTES),
                RingLayout.pointed(ring, RingLayout.CQ_KTAIL, Integer.BYTES),
                RingLayout.pointed(
                        ring, RingLayout.CQ_CQES, (long) entries * CompletionQueue.CQE_BYTES),
                entries);
    }

    /**
     * What the kernel said and what stands in the mapped ring must agree, or the struct changed.
     */
    private static int checkedEntries(int told, MemorySegment mapped) {
        int entries = mapped.get(JAVA_INT, 0);
        if (entries != told || Integer.bitCount(entries) != 1) {
            throw new AppendException(
                    AppendException.Code.UNSUPPORTED,
                    "liburing's struct io_uring has another layout than Sluice knows: "
                            + entries
                            + " entries mapped, "
                            + told
                            + " told");
        }
        return entries;
    }

    private static AppendException failure(int errno) {
        return new AppendException(
                AppendException.Code.UNSUPPORTED,
                "cannot create an io_uring: " + Errno.sentence(errno),
                null,
                AppendException.NONE,
                errno,
                null);
    }
}
