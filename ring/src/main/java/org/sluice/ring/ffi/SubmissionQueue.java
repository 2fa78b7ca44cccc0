package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The submission queue of one ring, written in the memory that the kernel maps.
 *
 * <pre>
 *        khead (kernel)        tail (here)
 *          v                     v
 *   ... |  taken  |  sqe | sqe | free ...         indices are unsigned and wrap at 2^32
 *                 |&lt;-unsubmitted-&gt;|
 * </pre>
 *
 * <p><b>Ordering</b> (liburing {@code queue.c}). SQEs are filled with plain stores; the release
 * store of the tail publishes them. The kernel's head is loaded with acquire before an SQE is used
 * again. Where a kernel thread takes submissions (SQPOLL), {@link #needsWakeup()} puts a full fence
 * between the store of the tail and the load of the flags: without it both sides may miss the
 * other's store and sleep for ever.
 *
 * <p><b>Thread.</b> The ring's owner.
 */
public final class SubmissionQueue {
    /** sizeof(struct io_uring_sqe). */
    static final int SQE_BYTES = 64;

    // struct io_uring_sqe
    private static final int OPCODE = 0;
    private static final int FLAGS = 1;
    private static final int IOPRIO = 2;
    private static final int FD = 4;
    private static final int OFFSET = 8;
    private static final int ADDR = 16;
    private static final int LENGTH = 24;
    private static final int OPERATION_FLAGS = 28;
    private static final int USER_DATA = 32;
    private static final int BUFFER_INDEX = 40;
    private static final int PERSONALITY = 42;
    private static final int FILE_INDEX = 44;
    private static final int ADDR3 = 48;
    private static final int PADDING = 56;

    private static final VarHandle INDEX = JAVA_INT.varHandle().withInvokeExactBehavior();

    private final MemorySegment kernelHead;
    private final MemorySegment kernelTail;
    private final MemorySegment kernelFlags;
    private final MemorySegment sqes;
    private final int entries;
    private final int mask;
    private int tail;

    /**
     * @param entries length of the queue, a power of two
     */
    SubmissionQueue(
            MemorySegment kernelHead,
            MemorySegment kernelTail,
            MemorySegment kernelFlags,
            MemorySegment sqes,
            int entries) {
        assert Integer.bitCount(entries) == 1 : entries;
        assert sqes.byteSize() == (long) entries * SQE_BYTES : sqes;
        this.kernelHead = kernelHead;
        this.kernelTail = kernelTail;
        this.kernelFlags = kernelFlags;
        this.sqes = sqes;
        this.entries = entries;
        this.mask = entries - 1;
        this.tail = kernelTail.get(JAVA_INT, 0);
    }

    /** Length of the queue. */
    public int entries() {
        return entries;
    }

    /** SQEs put here that the kernel has not taken yet. */
    public int unsubmitted() {
        return tail - (int) INDEX.getAcquire(kernelHead, 0L);
    }

    /** Whether there is no room for another SQE. */
    public boolean isFull() {
        return unsubmitted() == entries;
    }

    /**
     * Fills the next SQE, all 64 bytes of it: liburing and the kernel leave old ones there. Not
     * visible to the kernel before {@link #publish()}.
     *
     * @param operationFlags rw_flags or fsync_flags
     * @return false if the queue is full
     */
    public boolean put(
            int opcode,
            int sqeFlags,
            int fd,
            long position,
            long address,
            int length,
            int operationFlags,
            long userData,
            int bufferIndex) {
        if (isFull()) {
            return false;
        }
        MemorySegment memory = sqes;
        long sqe = (long) (tail & mask) * SQE_BYTES;
        memory.set(JAVA_BYTE, sqe + OPCODE, (byte) opcode);
        memory.set(JAVA_BYTE, sqe + FLAGS, (byte) sqeFlags);
        memory.set(JAVA_SHORT, sqe + IOPRIO, (short) 0);
        memory.set(JAVA_INT, sqe + FD, fd);
        memory.set(JAVA_LONG, sqe + OFFSET, position);
        memory.set(JAVA_LONG, sqe + ADDR, address);
        memory.set(JAVA_INT, sqe + LENGTH, length);
        memory.set(JAVA_INT, sqe + OPERATION_FLAGS, operationFlags);
        memory.set(JAVA_LONG, sqe + USER_DATA, userData);
        memory.set(JAVA_SHORT, sqe + BUFFER_INDEX, (short) bufferIndex);
        memory.set(JAVA_SHORT, sqe + PERSONALITY, (short) 0);
        memory.set(JAVA_INT, sqe + FILE_INDEX, 0);
        memory.set(JAVA_LONG, sqe + ADDR3, 0L);
        memory.set(JAVA_LONG, sqe + PADDING, 0L);
        tail++;
        return true;
    }

    /** Lets the kernel see what was put here. */
    public void publish() {
        INDEX.setRelease(kernelTail, 0L, tail);
    }

    /** After {@link #publish()}: whether the kernel thread of an SQPOLL ring sleeps. */
    public boolean needsWakeup() {
        // The tail's store must be visible before the flags are read.
        VarHandle.fullFence();
        return (flags() & UringAbi.SQ_NEED_WAKEUP) != 0;
    }

    /** Whether completions wait inside the kernel until it is entered with GETEVENTS. */
    public boolean hasHeldCompletions() {
        return (flags() & (UringAbi.SQ_CQ_OVERFLOW | UringAbi.SQ_TASKRUN)) != 0;
    }

    private int flags() {
        return (int) INDEX.getOpaque(kernelFlags, 0L);
    }
}
