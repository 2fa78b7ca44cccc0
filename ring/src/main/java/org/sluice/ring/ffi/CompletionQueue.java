package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The completion queue of one ring, read from the memory that the kernel maps.
 *
 * <p><b>Ordering</b> (liburing {@code liburing.h}). The kernel's tail is loaded with acquire, then
 * CQEs are read; the release store of the head gives them back. Indices are unsigned and wrap at
 * 2³².
 *
 * <p><b>Thread.</b> The ring's owner.
 */
public final class CompletionQueue {
    /** sizeof(struct io_uring_cqe). */
    static final int CQE_BYTES = 16;

    // struct io_uring_cqe
    private static final int USER_DATA = 0;
    private static final int RESULT = 8;

    private static final VarHandle INDEX = JAVA_INT.varHandle().withInvokeExactBehavior();

    private final MemorySegment kernelHead;
    private final MemorySegment kernelTail;
    private final MemorySegment cqes;
    private final int mask;
    private int head;

    /**
     * @param entries length of the queue, a power of two
     */
    CompletionQueue(
            MemorySegment kernelHead, MemorySegment kernelTail, MemorySegment cqes, int entries) {
        assert Integer.bitCount(entries) == 1 : entries;
        assert cqes.byteSize() == (long) entries * CQE_BYTES : cqes;
        this.kernelHead = kernelHead;
        this.kernelTail = kernelTail;
        this.cqes = cqes;
        this.mask = entries - 1;
        this.head = kernelHead.get(JAVA_INT, 0);
    }

    /** Length of the queue. */
    public int entries() {
        return mask + 1;
    }

    /** CQEs that can be read now. */
    public int ready() {
        return (int) INDEX.getAcquire(kernelTail, 0L) - head;
    }

    /** The user data of the first CQE; something must be {@link #ready()}. */
    public long userData() {
        return cqes.get(JAVA_LONG, firstCqe() + USER_DATA);
    }

    /** The result of the first CQE: what the operation returns, or a negated error number. */
    public int result() {
        return cqes.get(JAVA_INT, firstCqe() + RESULT);
    }

    /** Gives the first CQE back to the kernel. */
    public void advance() {
        head++;
        INDEX.setRelease(kernelHead, 0L, head);
    }

    private long firstCqe() {
        return (long) (head & mask) * CQE_BYTES;
    }
}
