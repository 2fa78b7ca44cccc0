package org.sluice.appender;

import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/**
 * A bounded number of buffers for entries longer than a slot. Producers take, the writer (or a
 * producer that failed) releases; any thread may do either. A buffer's memory is allocated when it
 * is first taken, so a log without long entries pays nothing.
 */
final class OverflowPool {
    private final OverflowBuffer[] buffers;
    private final ManyToManyConcurrentArrayQueue<OverflowBuffer> free;
    private final int bufferBytes;

    OverflowPool(int count, int bufferBytes) {
        this.bufferBytes = bufferBytes;
        this.buffers = new OverflowBuffer[count];
        this.free = new ManyToManyConcurrentArrayQueue<>(Math.max(2, count));
        for (int i = 0; i < count; i++) {
            buffers[i] = new OverflowBuffer(i);
            free.offer(buffers[i]);
        }
    }

    /** A buffer, or null if all are in use. */
    OverflowBuffer take() {
        OverflowBuffer buffer = free.poll();
        if (buffer != null && buffer.bytes() == null) {
            buffer.bytes(new UnsafeBuffer(ByteBuffer.allocateDirect(bufferBytes)));
        }
        return buffer;
    }

    void release(OverflowBuffer buffer) {
        boolean isBack = free.offer(buffer);
        assert isBack : "overflow buffer " + buffer.id() + " released twice";
    }

    OverflowBuffer buffer(int id) {
        return buffers[id];
    }
}
