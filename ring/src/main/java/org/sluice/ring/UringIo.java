package org.sluice.ring;

import org.sluice.ring.ffi.CompletionQueue;
import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.SubmissionQueue;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The engine of one thread over one io_uring.
 *
 * <pre>
 *   UringFile.writeAt ─► Operation (table) ─► SQE ─► enter ─► kernel ─► CQE ─► {@link Outcome}
 *                            ▲                                             │      │
 *                            └──────── the rest of a short write ──────────┘      └─► handler
 * </pre>
 *
 * <p>A submission only fills an SQE; {@link #poll} enters the kernel, at most once a call, and not
 * at all when there is nothing to submit and the kernel holds no completion back. Each operation
 * has at most one SQE or CQE at a time and the queues are no shorter than the table of operations,
 * so neither queue can overflow.
 *
 * <p><b>Memory.</b> The pool is referred to until the ring is gone. Should operations never end, it
 * is kept for the life of the process ({@link AbandonedMemory}).
 */
final class UringIo implements AsyncIo {
    /** Most operations in flight; bounds the memory of the queues. */
    static final int CAPACITY_MAX = 4096;

    /** How long the kernel may refuse to take submissions before the engine counts as broken. */
    static final long STALL_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

    private static final int FILE_SLOTS = 32;
    private static final long CLOSE_WAIT_SLICE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long ERROR_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final CompletionHandler DROP = (tag, result) -> {};

    private final Thread owner = Thread.currentThread();
    private final FileSystemDirectory directory;
    private final UringOptions options;
    private final int alignBytes;
    private final long closeTimeoutNs;
    private final AlignedBlockPool pool;
    private final Ring ring;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final boolean blocksRegistered;
    private final boolean sqPoll;
    private final List<UringFile> openFiles = new ArrayList<>();
    private final boolean[] fileSlotsUsed;

    private final Operation[] operations;
    private final Operation[] free;
    private int freeCount;

    /** Operations that ended without the ring, in order: a queue in a circle. */
    private final Operation[] ended;

    private int endedHead;
    private int endedCount;

    private long stalledSinceNs;
    private boolean stalled;
    private boolean closed;
    private AppendException broken;

    /**
     * Makes an engine for the calling thread.
     *
     * @param closeTimeoutNs how long {@link #close} waits for a completion before it gives up
     */
    UringIo(
            FileSystemDirectory directory,
            UringOptions options,
            int alignBytes,
            RingSetup setup,
            AlignedBlockPool pool,
            int capacity,
            long closeTimeoutNs) {
        if (capacity < 1 || capacity > CAPACITY_MAX) {
            throw new IllegalArgumentException(
                    "capacity must be 1 to " + CAPACITY_MAX + ": " + capacity);
        }
        this.directory = directory;
        this.options = options;
        this.alignBytes = alignBytes;
        this.closeTimeoutNs = closeTimeoutNs;
        this.pool = pool;
        this.ring = setup.open(capacity);
        this.submissions = ring.submissions();
        this.completions = ring.completions();
        this.sqPoll = (ring.setupFlags() & UringAbi.SETUP_SQPOLL) != 0;
        this.blocksRegistered = setup.registerBlocks(ring, pool);
        this.fileSlotsUsed =
                new boolean[setup.registerFileSlots(ring, FILE_SLOTS) ? FILE_SLOTS : 0];
        this.operations = new Operation[capacity];
        Arrays.setAll(operations, Operation::new);
        this.free = operations.clone();
        this.freeCount = capacity;
        this.ended = new Operation[capacity];
        assert submissions.entries() >= capacity && completions.entries() >= capacity;
    }

    @Override
    public Backend backend() {
        return Backend.URING;
    }

    @Override
    public int alignBytes() {
        return alignBytes;
    }

    @Override
    public int capacity() {
        return operations.length;
    }

    @Override
    public int inFlight() {
        return operations.length - freeCount;
    }

    @Override
    public AsyncFile open(String name) {
        checkUsable();
        Path path = directory.resolve(name);
        int access = options.readOnly() ? Libc.O_RDONLY : Libc.O_RDWR;
        int fd = openDescriptor(path, access | (options.direct() ? Libc.O_DIRECT : 0));
        return adopt(path, fd, options.direct());
    }

    /** Takes over an open descriptor. */
    UringFile adopt(Path path, int fd, boolean direct) {
        UringFile file = new UringFile(this, path, fd, takeSlot(fd), direct);
        openFiles.add(file);
        return file;
    }

    /** open(2) of a regular file, not through a symbolic link; or an exception that names it. */
    static int openDescriptor(Path path, int flags) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new AppendException(
                    AppendException.Code.NOT_A_LOG,
                    "cannot open " + path + ": it is not a regular file",
                    path,
                    null);
        }
        int fd = Libc.open(path, flags | Libc.O_NOFOLLOW, 0);
        if (fd < 0) {
            throw Errno.exception(-fd, "open", path);
        }
        return fd;
    }

    @Override
    public int poll(CompletionHandler handler) {
        checkUsable();
        if (freeCount == operations.length) {
            return 0;
        }
        int handedOut = handOutEnded(handler);
        enterIfNeeded();
        return handedOut + reap(handler);
    }

    @Override
    public int await(CompletionHandler handler, long timeoutNs) {
        checkUsable();
        if (inRing() == 0 || endedCount > 0 || timeoutNs <= 0 || completions.ready() > 0) {
            return poll(handler);
        }
        enterAndWait(timeoutNs);
        return reap(handler);
    }

    @Override
    public void close() {
        assert isOwner();
        if (closed) {
            return;
        }
        closed = true;
        int left = drain();
        if (left > 0) {
            AbandonedMemory.keep(pool);
        }
        for (UringFile file : List.copyOf(openFiles)) {
            file.closeNow();
        }
        ring.close();
        if (left > 0) {
            throw new AppendException(
                    AppendException.Code.IO,
                    left
                            + " operations in "
                            + directory.path()
                            + " did not end; their memory is kept");
        }
    }

    /** How often the kernel was entered. */
    long enterCount() {
        return ring.enterCount();
    }

    /** Submits a write; see {@link AsyncFile#writeAt}. */
    boolean write(
            UringFile file,
            long position,
            AlignedBlock block,
            int offset,
            int length,
            boolean durable,
            long tag) {
        Operation operation = begin(Operation.Kind.WRITE, file, tag);
        if (operation == null) {
            return false;
        }
        operation.moves(position, block, offset, length);
        operation.durable = durable;
        put(operation);
        return true;
    }

    /** Submits a read; see {@link AsyncFile#readAt}. */
    boolean read(
            UringFile file, long position, AlignedBlock block, int offset, int length, long tag) {
        Operation operation = begin(Operation.Kind.READ, file, tag);
        if (operation == null) {
            return false;
        }
        operation.moves(position, block, offset, length);
        put(operation);
        return true;
    }

    /** Submits a sync, or carries it out; see {@link UringOptions.SyncMethod}. */
    boolean sync(UringFile file, long tag) {
        Operation operation = begin(Operation.Kind.SYNC, file, tag);
        if (operation == null) {
            return false;
        }
        operation.moves(0, null, 0, 0);
        if (options.syncMethod() == UringOptions.SyncMethod.RING) {
            put(operation);
        } else {
            operation.result = file.syncNow();
            ended[(endedHead + endedCount) % ended.length] = operation;
            endedCount++;
        }
        return true;
    }

    /** A file is being closed. */
    void forget(UringFile file) {
        openFiles.remove(file);
        if (file.slot() != UringFile.NONE) {
            fileSlotsUsed[file.slot()] = false;
            ring.updateFileSlot(file.slot(), UringFile.NONE);
        }
    }

    /** A free slot that now holds the descriptor, or NONE: then the descriptor itself does. */
    private int takeSlot(int fd) {
        for (int slot = 0; slot < fileSlotsUsed.length; slot++) {
            if (!fileSlotsUsed[slot]) {
                fileSlotsUsed[slot] = ring.updateFileSlot(slot, fd) == 0;
                return fileSlotsUsed[slot] ? slot : UringFile.NONE;
            }
        }
        return UringFile.NONE;
    }

    private Operation begin(Operation.Kind kind, UringFile file, long tag) {
        checkUsable();
        if (freeCount == 0) {
            return null;
        }
        Operation operation = free[--freeCount];
        operation.begin(kind, file, tag);
        return operation;
    }

    /** Fills an SQE with what is left of an operation. */
    private void put(Operation operation) {
        AlignedBlock block = operation.block;
        long address = 0;
        int bufferIndex = 0;
        if (block != null) {
            assert pool.block(block.index()) == block : "block of another pool";
            address = block.address() + operation.offset + operation.done;
            bufferIndex = blocksRegistered ? block.index() : 0;
        }
        boolean put =
                submissions.put(
                        operation.opcode(blocksRegistered),
                        operation.file.sqeFlags(),
                        operation.file.sqeFd(),
                        operation.position + operation.done,
                        address,
                        operation.remaining(),
                        operation.operationFlags(),
                        operation.nextUserData(),
                        bufferIndex);
        assert put : "the submission queue is shorter than the table of operations";
        if (sqPoll) {
            // The kernel thread, if awake, takes it from here.
            submissions.publish();
        }
    }

    private int inRing() {
        return operations.length - freeCount - endedCount;
    }

    private void enterIfNeeded() {
        int submitCount = submissions.unsubmitted();
        int flags = submissions.hasHeldCompletions() ? UringAbi.ENTER_GETEVENTS : 0;
        if (submitCount > 0) {
            submissions.publish();
            if (!sqPoll) {
                // While there, have finished operations posted too.
                flags |= UringAbi.ENTER_GETEVENTS;
            } else if (submissions.needsWakeup()) {
                flags |= UringAbi.ENTER_SQ_WAKEUP;
            }
        }
        if (flags != 0) {
            afterEnter(ring.enter(submitCount, flags), submitCount);
        }
    }

    private void enterAndWait(long timeoutNs) {
        int submitCount = submissions.unsubmitted();
        submissions.publish();
        int flags =
                sqPoll && submitCount > 0 && submissions.needsWakeup()
                        ? UringAbi.ENTER_SQ_WAKEUP
                        : 0;
        afterEnter(ring.enterAndWait(submitCount, flags, timeoutNs), submitCount);
    }

    /**
     * A submission the kernel took only a part of needs nothing: what is left is still in the
     * queue, and counted there by the next call.
     */
    private void afterEnter(int result, int submitCount) {
        if (result > 0 || (result == 0 && submitCount == 0)) {
            stalled = false;
            return;
        }
        switch (-result) {
            case Errno.ETIME -> {}
            case 0, Errno.EINTR, Errno.EAGAIN, Errno.EBUSY -> {
                if (submitCount > 0) {
                    checkStall(-result);
                }
            }
            default -> throw breakWith(Errno.sentence(-result), -result);
        }
    }

    private void checkStall(int errno) {
        long nowNs = System.nanoTime();
        if (!stalled) {
            stalled = true;
            stalledSinceNs = nowNs;
        } else if (nowNs - stalledSinceNs > STALL_LIMIT_NS) {
            throw breakWith(
                    "the kernel took no submission for "
                            + TimeUnit.NANOSECONDS.toSeconds(STALL_LIMIT_NS)
                            + " s: "
                            + Errno.sentence(errno),
                    errno);
        }
    }

    private AppendException breakWith(String reason, int errno) {
        broken =
                new AppendException(
                        AppendException.Code.IO,
                        "the io_uring of " + directory.path() + " is broken: " + reason,
                        directory.path(),
                        AppendException.NONE,
                        errno,
                        null);
        return broken;
    }

    /** Hands out what ended without the ring; what the handler submits meanwhile waits its turn. */
    private int handOutEnded(CompletionHandler handler) {
        int count = endedCount;
        for (int i = 0; i < count; i++) {
            Operation operation = ended[endedHead];
            endedHead = (endedHead + 1) % ended.length;
            endedCount--;
            handOut(operation, operation.result, handler);
        }
        return count;
    }

    /** Takes the CQEs that are there now; those that appear meanwhile are for the next call. */
    private int reap(CompletionHandler handler) {
        int handedOut = 0;
        for (int ready = completions.ready(); ready > 0; ready--) {
            long userData = completions.userData();
            int result = completions.result();
            completions.advance();
            stalled = false;
            Operation operation = operation(userData);
            int outcome = Outcome.of(operation, result, alignBytes);
            if (outcome == Outcome.UNFINISHED) {
                put(operation);
            } else {
                handOut(operation, outcome, handler);
                handedOut++;
            }
        }
        return handedOut;
    }

    private Operation operation(long userData) {
        int slot = (int) userData;
        if (slot < 0
                || slot >= operations.length
                || operations[slot].userData() != userData
                || operations[slot].file == null) {
            throw breakWith("a completion came that nobody asked for", AppendException.NONE);
        }
        return operations[slot];
    }

    private void handOut(Operation operation, int result, CompletionHandler handler) {
        long tag = operation.tag;
        operation.end();
        free[freeCount++] = operation;
        handler.onCompletion(tag, result);
    }

    private int drain() {
        try {
            return drainWithin(closeTimeoutNs);
        } catch (AppendException e) {
            // Completions that make no sense: nobody knows what the kernel still does.
            return Math.max(1, withKernel());
        }
    }

    /**
     * Waits until the kernel is done with every operation. Those it has not taken yet are still
     * submitted, unless the engine broke: then nothing more shall reach the disk.
     *
     * @return operations that did not end, when none has ended for {@code timeoutNs}
     */
    private int drainWithin(long timeoutNs) {
        handOutEnded(DROP);
        long progressNs = System.nanoTime();
        int left = withKernel();
        while (left > 0 && System.nanoTime() - progressNs < timeoutNs) {
            int submitCount = broken == null ? submissions.unsubmitted() : 0;
            submissions.publish();
            int flags = sqPoll && submitCount > 0 ? UringAbi.ENTER_SQ_WAKEUP : 0;
            int result = ring.enterAndWait(submitCount, flags, CLOSE_WAIT_SLICE_NS);
            if (reap(DROP) > 0) {
                progressNs = System.nanoTime();
            } else if (result < 0 && result != -Errno.ETIME) {
                LockSupport.parkNanos(ERROR_PAUSE_NS);
            }
            left = withKernel();
        }
        return left;
    }

    /** Operations the kernel has, or will be given. */
    private int withKernel() {
        return broken == null ? inRing() : inRing() - submissions.unsubmitted();
    }

    private void checkUsable() {
        assert isOwner();
        if (broken != null) {
            throw broken;
        }
        if (closed) {
            throw new IllegalStateException("the io_uring of " + directory.path() + " was closed");
        }
    }

    private boolean isOwner() {
        return Thread.currentThread() == owner;
    }
}
