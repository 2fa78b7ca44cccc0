package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.AlignedBlock;
import org.sluice.store.BatchDescriptor;

import java.nio.ByteOrder;

/**
 * Moves published entries from the slots into a block, one behind the other as a batch holds them.
 * Used by the writer thread only.
 */
final class Gatherer {
    private final Slots slots;
    private AlignedBlock block;
    private int limit;
    private int length;
    private int entryCount;
    private long payloadBytes;
    private long nextSequence;

    /** The slots up to here were seen to be published. */
    private long available = -1;

    private boolean isFull;

    Gatherer(Slots slots) {
        this.slots = slots;
    }

    /** Starts a batch in {@code block}, of at most {@code limitBytes} with its header. */
    void begin(AlignedBlock target, int limitBytes) {
        block = target;
        limit = limitBytes;
        length = BatchDescriptor.HEADER_BYTES;
        entryCount = 0;
        payloadBytes = 0;
        isFull = false;
    }

    /**
     * Takes what is published, at most up to {@code lastSequence}, until the batch is full, and
     * frees the slots taken. A ring that is full holds many batches: what was seen once is not
     * looked for again, on cache lines that producers write.
     *
     * @return entries taken
     */
    int gather(long lastSequence) {
        int taken = nextSequence <= available ? take(Math.min(available, lastSequence)) : 0;
        if (!isFull && nextSequence > available) {
            available = slots.available(nextSequence);
            taken += take(Math.min(available, lastSequence));
        }
        return taken;
    }

    private int take(long last) {
        UnsafeBuffer target = block.buffer();
        long sequence = nextSequence;
        int position = length;
        while (sequence <= last) {
            int entryLength = slots.entryLength(sequence);
            int payload = entryLength & ~BatchDescriptor.ABORTED;
            int end = position + BatchDescriptor.entryBytes(payload);
            if (end > limit) {
                isFull = true;
                break;
            }
            // The last word first: what the payload leaves of it is padding and must be zero.
            target.putLong(end - Long.BYTES, 0, ByteOrder.LITTLE_ENDIAN);
            slots.copyEntry(sequence, entryLength, target, position);
            payloadBytes += payload;
            position = end;
            sequence++;
        }
        int taken = (int) (sequence - nextSequence);
        if (taken > 0) {
            length = position;
            entryCount += taken;
            nextSequence = sequence;
            slots.consumed(sequence - 1);
        }
        return taken;
    }

    boolean hasBlock() {
        return block != null;
    }

    boolean isEmpty() {
        return block == null || entryCount == 0;
    }

    /** Whether the next published entry did not fit. */
    boolean isFull() {
        return isFull;
    }

    int length() {
        return length;
    }

    int entryCount() {
        return entryCount;
    }

    long payloadBytes() {
        return payloadBytes;
    }

    /** The next sequence to take. */
    long nextSequence() {
        return nextSequence;
    }

    /** Ends the batch: the block is the caller's. */
    AlignedBlock end() {
        AlignedBlock filled = block;
        block = null;
        return filled;
    }
}
