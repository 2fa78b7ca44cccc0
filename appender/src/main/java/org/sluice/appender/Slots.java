package org.sluice.appender;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.MultiProducerSequencer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.Sequencer;
import com.lmax.disruptor.SingleProducerSequencer;
import com.lmax.disruptor.YieldingWaitStrategy;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchDescriptor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The slots between producers and the writer: a Disruptor sequencer over one off-heap slab.
 *
 * <p>A sequence says "this slot is free" or "this slot is filled", never "this entry is safe".
 *
 * <pre>
 *     0               4               8
 *    +---------------+---------------+----------- … ----------+
 *    | overflow + 1  | entry length  | payload, if inline     |    one slot, a multiple of 64 bytes
 *    +---------------+---------------+----------- … ----------+
 *                    '-- the same bytes as in a batch --------'
 * </pre>
 *
 * <p><b>Threads.</b> Claim, fill and publish: producers. {@link #available}, the getters of a
 * published slot and {@link #consumed}: the writer.
 */
final class Slots {
    /** Bytes of a slot before its payload. */
    static final int HEADER_BYTES = 8;

    /** No slot was free. */
    static final long NONE_FREE = -1;

    private static final int LENGTH_OFFSET = 4;
    private static final int CACHE_LINE_BYTES = 64;
    private static final int PAGE_BYTES = 4096;

    private final Sequencer sequencer;
    private final Sequence consumed = new Sequence();
    private final UnsafeBuffer slab;
    private final int slotBytes;
    private final int stride;
    private final int mask;
    private final OverflowPool overflow;

    Slots(AppendLogConfig config) {
        slotBytes = config.slotBytes();
        stride = strideFor(slotBytes);
        mask = config.slotCount() - 1;
        long slabBytes = (long) config.slotCount() * stride;
        if (slabBytes > Integer.MAX_VALUE - PAGE_BYTES) {
            throw new IllegalArgumentException(
                    "slotCount × slotBytes must stay below 2 GiB: "
                            + config.slotCount()
                            + " × "
                            + stride);
        }
        slab =
                new UnsafeBuffer(
                        BufferUtil.allocateDirectAligned((int) slabBytes, CACHE_LINE_BYTES));
        overflow = new OverflowPool(config.overflowCount(), config.maxEntryBytes());
        // The wait strategy is never asked: the writer has its own way of waiting.
        sequencer =
                config.producers() == Producers.SINGLE
                        ? new SingleProducerSequencer(
                                config.slotCount(), new YieldingWaitStrategy())
                        : new MultiProducerSequencer(
                                config.slotCount(), new YieldingWaitStrategy());
        sequencer.addGatingSequences(consumed);
    }

    /**
     * Whole cache lines, and an odd number of them from 4 KiB up: a power-of-two stride would put
     * every slot's first line into the same few cache sets.
     */
    private static int strideFor(int slotBytes) {
        int bytes = BitUtil.align(HEADER_BYTES + slotBytes, CACHE_LINE_BYTES);
        boolean isEvenLines = (bytes / CACHE_LINE_BYTES) % 2 == 0;
        return isEvenLines ? bytes + CACHE_LINE_BYTES : bytes;
    }

    /** Claims the next sequence, or returns {@link #NONE_FREE}. */
    long tryClaim() {
        try {
            return sequencer.tryNext();
        } catch (InsufficientCapacityException full) {
            return NONE_FREE;
        }
    }

    boolean isInline(int length) {
        return length <= slotBytes;
    }

    /** Takes a buffer for an entry that fits no slot, or returns null if all are in use. */
    OverflowBuffer takeOverflow() {
        return overflow.take();
    }

    void releaseOverflow(OverflowBuffer buffer) {
        overflow.release(buffer);
    }

    void putInline(long sequence, DirectBuffer source, int offset, int length) {
        int slot = slotOffset(sequence);
        putHeader(slot, 0, length);
        slab.putBytes(slot + HEADER_BYTES, source, offset, length);
    }

    void putInline(long sequence, byte[] source, int offset, int length) {
        int slot = slotOffset(sequence);
        putHeader(slot, 0, length);
        slab.putBytes(slot + HEADER_BYTES, source, offset, length);
    }

    void putInline(long sequence, ByteBuffer source, int offset, int length) {
        int slot = slotOffset(sequence);
        putHeader(slot, 0, length);
        slab.putBytes(slot + HEADER_BYTES, source, offset, length);
    }

    /** Marks the slot as holding its entry in {@code buffer}, which is filled. */
    void putOverflow(long sequence, OverflowBuffer buffer, int length) {
        putHeader(slotOffset(sequence), buffer.id() + 1, length);
    }

    /** Makes the slot an entry that readers skip. */
    void putAborted(long sequence) {
        putHeader(slotOffset(sequence), 0, BatchDescriptor.ABORTED);
    }

    /** Lets {@code view} show the slot's payload, for writing in place. */
    void wrapInline(long sequence, UnsafeBuffer view, int length) {
        int slot = slotOffset(sequence);
        putHeader(slot, 0, length);
        view.wrap(slab, slot + HEADER_BYTES, length);
    }

    void publish(long sequence) {
        sequencer.publish(sequence);
    }

    /** The highest sequence claimed (several producers) or published (one). */
    long cursor() {
        return sequencer.getCursor();
    }

    /** The highest sequence up to which all from {@code next} on are published, else next - 1. */
    long available(long next) {
        long cursor = sequencer.getCursor();
        return cursor < next ? next - 1 : sequencer.getHighestPublishedSequence(next, cursor);
    }

    /** The slots up to {@code sequence} are free again. */
    void consumed(long sequence) {
        consumed.set(sequence);
    }

    /** Length of the published entry, or {@link BatchDescriptor#ABORTED}. */
    int entryLength(long sequence) {
        return slab.getInt(slotOffset(sequence) + LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Copies the published entry, its length word first, to {@code target}, and gives an overflow
     * buffer back.
     *
     * @param length what {@link #entryLength} said
     */
    void copyEntry(long sequence, int length, UnsafeBuffer target, int targetOffset) {
        int slot = slotOffset(sequence);
        int overflowId = slab.getInt(slot, ByteOrder.LITTLE_ENDIAN) - 1;
        if (length == BatchDescriptor.ABORTED) {
            target.putInt(targetOffset, length, ByteOrder.LITTLE_ENDIAN);
        } else if (overflowId < 0) {
            target.putBytes(
                    targetOffset,
                    slab,
                    slot + LENGTH_OFFSET,
                    length + BatchDescriptor.ENTRY_HEADER_BYTES);
        } else {
            OverflowBuffer source = overflow.buffer(overflowId);
            target.putInt(targetOffset, length, ByteOrder.LITTLE_ENDIAN);
            target.putBytes(
                    targetOffset + BatchDescriptor.ENTRY_HEADER_BYTES, source.bytes(), 0, length);
            overflow.release(source);
        }
    }

    private void putHeader(int slot, int overflowWord, int length) {
        slab.putInt(slot, overflowWord, ByteOrder.LITTLE_ENDIAN);
        slab.putInt(slot + LENGTH_OFFSET, length, ByteOrder.LITTLE_ENDIAN);
    }

    private int slotOffset(long sequence) {
        return ((int) sequence & mask) * stride;
    }
}
