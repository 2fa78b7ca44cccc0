package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/**
 * A page-aligned piece of memory that a disk can be handed directly. Belongs to one {@link
 * AlignedBlockPool}; its state is the pool owner's business, on the pool owner's thread.
 */
public final class AlignedBlock {

    /** Where a block is on its way: {@code FREE → FILLING → IN_FLIGHT → FREE}. */
    enum State {
        /** In the pool. */
        FREE,
        /** Taken; its owner writes into it. */
        FILLING,
        /** Handed to the disk; nobody writes into it. */
        IN_FLIGHT
    }

    private final int index;
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private State state = State.FREE;

    AlignedBlock(int index, ByteBuffer bytes) {
        this.index = index;
        this.bytes = bytes;
        this.buffer = new UnsafeBuffer(bytes);
    }

    /** 0-based place in the pool, the index under which a kernel may have it registered. */
    public int index() {
        return index;
    }

    /** The bytes, for filling and parsing. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** The same bytes for a channel or a checksum; position and limit are the block owner's. */
    public ByteBuffer byteBuffer() {
        return bytes;
    }

    /** Memory address of the first byte. */
    public long address() {
        return buffer.addressOffset();
    }

    /** Size in bytes. */
    public int bytes() {
        return bytes.capacity();
    }

    /** Where the block is on its way. */
    State state() {
        return state;
    }

    /**
     * The owner is done filling; from here to {@link AlignedBlockPool#release} it is the disk's.
     */
    public void handOver() {
        assert state == State.FILLING : state;
        state = State.IN_FLIGHT;
    }

    void take() {
        assert state == State.FREE : state;
        state = State.FILLING;
    }

    void free() {
        assert state != State.FREE : "block " + index + " freed twice";
        state = State.FREE;
    }
}
