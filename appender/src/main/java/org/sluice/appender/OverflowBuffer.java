package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;

/** A buffer for an entry longer than a slot; belongs to an {@link OverflowPool}. */
final class OverflowBuffer {
    private final int id;
    private UnsafeBuffer bytes;

    OverflowBuffer(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /**
     * The memory. Set by the first producer that takes the buffer; published to the writer with the
     * slot that names it, and to later producers by the pool's stack.
     */
    UnsafeBuffer bytes() {
        return bytes;
    }

    void bytes(UnsafeBuffer bytes) {
        this.bytes = bytes;
    }
}
