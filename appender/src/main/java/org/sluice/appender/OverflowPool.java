package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded number of buffers for entries longer than a slot. Producers take, the writer (or a
 * producer that failed) releases; any thread may do either. A buffer's memory is allocated when it
 * is first taken, so a log without long entries pays nothing.
 *
 * <p>Design note: the free buffers are a stack (R. K. Treiber, "Systems Programming: Coping with
 * Parallelism", 1986) of their ids, with a count of changes beside the top so that a top that went
 * and came back is not taken for one that stayed. A bounded queue will not do: it may refuse an
 * element for as long as a thread stands still inside a removal, and what the writer releases then
 * would be lost.
 */
final class OverflowPool {
    private static final int NO_ID = -1;

    private final OverflowBuffer[] buffers;
    private final int bufferBytes;

    /** Changes in the upper half, id of the top in the lower. */
    private final AtomicLong top = new AtomicLong(NO_ID & 0xFFFF_FFFFL);

    /** Per free buffer, the id of the one below it. */
    private final AtomicIntegerArray below;

    OverflowPool(int count, int bufferBytes) {
        this.bufferBytes = bufferBytes;
        this.buffers = new OverflowBuffer[count];
        this.below = new AtomicIntegerArray(count);
        for (int i = 0; i < count; i++) {
            buffers[i] = new OverflowBuffer(i);
            release(buffers[i]);
        }
    }

    /** A buffer, or null if all are in use. */
    OverflowBuffer take() {
        long before = top.get();
        while ((int) before != NO_ID) {
            int id = (int) before;
            if (top.compareAndSet(before, changed(before, below.get(id)))) {
                return withMemory(buffers[id]);
            }
            before = top.get();
        }
        return null;
    }

    void release(OverflowBuffer buffer) {
        long before;
        do {
            before = top.get();
            assert (int) before != buffer.id() : "buffer " + buffer.id() + " released twice";
            below.set(buffer.id(), (int) before);
        } while (!top.compareAndSet(before, changed(before, buffer.id())));
    }

    OverflowBuffer buffer(int id) {
        return buffers[id];
    }

    private OverflowBuffer withMemory(OverflowBuffer buffer) {
        if (buffer.bytes() == null) {
            try {
                buffer.bytes(new UnsafeBuffer(ByteBuffer.allocateDirect(bufferBytes)));
            } finally {
                if (buffer.bytes() == null) {
                    // Out of memory: the caller's append fails, the buffer must not go with it.
                    release(buffer);
                }
            }
        }
        return buffer;
    }

    private static long changed(long before, int id) {
        return ((before >>> Integer.SIZE) + 1) << Integer.SIZE | (id & 0xFFFF_FFFFL);
    }
}
