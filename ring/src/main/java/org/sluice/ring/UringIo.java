package org.sluice.ring;

import org.agrona.CloseHelper;
import org.sluice.ring.ffi.CompletionQueue;
import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.Ring;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.CompletionHandler;
import org.sluice.store.FileSystemDirectory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The engine of one thread over one io_uring.
 *
 * <pre>
 *   UringFile ─► Operation ─► SQE ─► KernelEntry ─► kernel ─► CQE ─► Outcome ─► handler
 *                    ▲                                                  │
 *                    └───────────── the rest of a short write ──────────┘
 * </pre>
 *
 * <p>A submission only fills an SQE; {@link #poll} enters the kernel. Each operation has at most
 * one SQE or CQE that counts, and the queues are so long that neither can overflow: see {@link
 * RingSetup#submissionEntries}.
 *
 * <p><b>Memory.</b> The pool is referred to until the ring is gone. Should operations never end, it
 * is kept for the life of the process ({@link AbandonedMemory}).
 */
final class UringIo implements AsyncIo {
    /** Most operations in flight; bounds the memory of the queues. */
    static final int CAPACITY_MAX = 4096;

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
    private final KernelEntry kernel;
    private final CompletionQueue completions;
    private final boolean blocksRegistered;
    private final FileSlots fileSlots;
    private final OperationTable operations;
    private final CallChoice calls = new CallChoice();
    private final List<UringFile> openFiles = new ArrayList<>();
    private boolean polling;
    private boolean closed;

    /** Operations that had not ended when it was closed. */
    private int leftAtClose;

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
        this.operations = new OperationTable(capacity);
        int entries = setup.submissionEntries(capacity);
        this.ring = setup.open(entries);
        this.kernel = new KernelEntry(directory.path(), ring);
        this.completions = ring.completions();
        this.blocksRegistered = setup.registerBlocks(ring, pool);
        this.fileSlots = new FileSlots(ring, setup.registerFileSlots(ring, FileSlots.COUNT));
        assert ring.submissions().entries() >= entries && completions.entries() >= capacity;
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
        return operations.capacity();
    }

    @Override
    public int inFlight() {
        return closed ? leftAtClose : operations.inFlight();
    }

    @Override
    public AsyncFile open(String name) {
        checkUsable();
        Path path = directory.resolve(name);
        int access = options.readOnly() ? Libc.O_RDONLY : Libc.O_RDWR;
        int fd = RegularFile.open(path, access | (options.direct() ? Libc.O_DIRECT : 0));
        return adopt(path, fd, options.direct());
    }

    /** Takes over an open descriptor. */
    UringFile adopt(Path path, int fd, boolean direct) {
        UringFile file = new UringFile(this, path, fd, fileSlots.take(fd), direct);
        openFiles.add(file);
        return file;
    }

    /** A file is being closed. */
    void forget(UringFile file) {
        openFiles.remove(file);
        fileSlots.release(file.slot());
    }

    /** The ring, for the tests. */
    Ring ring() {
        return ring;
    }

    @Override
    public int poll(CompletionHandler handler) {
        beginPolling();
        try {
            if (operations.inFlight() == 0) {
                return 0;
            }
            int handedOut = handOutEnded(handler);
            kernel.enterIfNeeded();
            return handedOut + reap(handler);
        } finally {
            polling = false;
        }
    }

    @Override
    public int await(CompletionHandler handler, long timeoutNs) {
        checkUsable();
        if (operations.inRing() == 0
                || operations.endedCount() > 0
                || timeoutNs <= 0
                || completions.ready() > 0) {
            return poll(handler);
        }
        beginPolling();
        try {
            kernel.enterAndWait(timeoutNs);
            return reap(handler);
        } finally {
            polling = false;
        }
    }

    @Override
    public void close() {
        assert isOwner();
        checkNotPolling();
        if (closed) {
            return;
        }
        closed = true;
        int left = drain();
        leftAtClose = left;
        try {
            CloseHelper.closeAll(List.copyOf(openFiles).stream().map(UringIo::closer).toList());
        } finally {
            release(left);
        }
        if (left > 0) {
            throw new AppendException(
                    AppendException.Code.IO,
                    left
                            + " operations in "
                            + directory.path()
                            + " did not end; their memory is kept");
        }
    }

    private static AutoCloseable closer(UringFile file) {
        return file::closeNow;
    }

    private void release(int left) {
        if (left > 0) {
            AbandonedMemory.keep(pool);
        } else if (blocksRegistered) {
            // The kernel would do it too, but later, and until then they count as locked memory.
            ring.unregisterBuffers();
        }
        ring.close();
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
        Operation operation = beginWrite(file, position, block, offset, length, tag);
        if (operation == null) {
            return false;
        }
        operation.durable = durable;
        put(operation);
        return true;
    }

    /** Submits a write that a thread waits for, or carries it out; see {@link CallChoice}. */
    boolean writeAwaited(
            UringFile file, long position, AlignedBlock block, int offset, int length, long tag) {
        boolean isByCall = calls.writesByCall(length);
        Operation operation = beginWrite(file, position, block, offset, length, tag);
        if (operation == null) {
            return false;
        }
        int outcome = Outcome.UNFINISHED;
        if (isByCall) {
            int result = file.writeNow(position, block.address() + offset, length);
            outcome = Outcome.of(operation, result, alignBytes);
        }
        if (outcome == Outcome.UNFINISHED) {
            put(operation);
        } else {
            operations.addEnded(operation, outcome);
        }
        return true;
    }

    private Operation beginWrite(
            UringFile file, long position, AlignedBlock block, int offset, int length, long tag) {
        Operation operation = begin(Operation.Kind.WRITE, file, tag);
        if (operation != null) {
            operation.moves(position, block, offset, length);
            calls.began(length);
        }
        return operation;
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

    /**
     * Submits a sync, or carries it out; see {@link CallChoice}.
     *
     * @param isBehind whether nobody waits for it: {@link AsyncFile#syncBehind}
     */
    boolean sync(UringFile file, boolean isBehind, long tag) {
        Operation operation = begin(Operation.Kind.SYNC, file, tag);
        if (operation == null) {
            return false;
        }
        operation.moves(0, null, 0, 0);
        if (calls.syncsByCall(isBehind)) {
            operations.addEnded(operation, file.syncNow());
        } else {
            put(operation);
        }
        return true;
    }

    private Operation begin(Operation.Kind kind, UringFile file, long tag) {
        checkUsable();
        return operations.begin(kind, file, tag);
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
                ring.submissions()
                        .put(
                                operation.opcode(blocksRegistered),
                                operation.file.sqeFlags(),
                                operation.file.sqeFd(),
                                operation.position + operation.done,
                                address,
                                operation.remaining(),
                                operation.operationFlags(),
                                operation.nextUserData(),
                                bufferIndex);
        if (!put) {
            // Nobody would ever complete it.
            operations.release(operation);
            throw kernel.breakWith("its submission queue is full", AppendException.NONE);
        }
        kernel.submitted();
    }

    /** Hands out what ended without the ring; what the handler submits meanwhile waits its turn. */
    private int handOutEnded(CompletionHandler handler) {
        int count = operations.endedCount();
        for (int i = 0; i < count; i++) {
            Operation operation = operations.takeEnded();
            handOut(operation, operation.result, handler);
        }
        return count;
    }

    /** Takes the CQEs that are there now; those that appear meanwhile are for the next call. */
    private int reap(CompletionHandler handler) {
        int handedOut = 0;
        for (int ready = completions.ready(); ready > 0; ready--) {
            Operation operation = operations.find(completions.userData());
            int result = completions.result();
            completions.advance();
            kernel.progressed();
            if (operation == null) {
                throw kernel.breakWith(
                        "a completion came that nobody asked for", AppendException.NONE);
            }
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

    private void handOut(Operation operation, int result, CompletionHandler handler) {
        long tag = operation.tag;
        if (operation.kind == Operation.Kind.WRITE) {
            calls.ended(operation.length);
        }
        operations.release(operation);
        handler.onCompletion(tag, result);
    }

    /**
     * Waits until the kernel is done with every operation. Those it has not taken yet are still
     * submitted, unless the engine broke: then nothing more shall reach the disk.
     *
     * @return operations that did not end, when none has ended for the time limit
     */
    private int drain() {
        try {
            handOutEnded(DROP);
            long progressNs = System.nanoTime();
            while (withKernel() > 0 && System.nanoTime() - progressNs < closeTimeoutNs) {
                boolean waited = kernel.waitAtClose(CLOSE_WAIT_SLICE_NS);
                if (reap(DROP) > 0) {
                    progressNs = System.nanoTime();
                } else if (!waited) {
                    LockSupport.parkNanos(ERROR_PAUSE_NS);
                }
            }
            return withKernel();
        } catch (AppendException e) {
            // Completions that make no sense: nobody knows what the kernel still does.
            return Math.max(1, withKernel());
        }
    }

    /** Operations the kernel has, or will be given. */
    private int withKernel() {
        return operations.inRing() - kernel.neverSubmitted();
    }

    private void beginPolling() {
        checkUsable();
        checkNotPolling();
        polling = true;
    }

    /** The queue is being read while a handler runs: to read or unmap it then would go wrong. */
    private void checkNotPolling() {
        if (polling) {
            throw new IllegalStateException(
                    "a completion handler may submit, but not poll or close");
        }
    }

    private void checkUsable() {
        assert isOwner();
        if (kernel.broken() != null) {
            throw kernel.broken();
        }
        if (closed) {
            throw new IllegalStateException("the io_uring of " + directory.path() + " was closed");
        }
    }

    private boolean isOwner() {
        return options.readOnly() || Thread.currentThread() == owner;
    }
}
