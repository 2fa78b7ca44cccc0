package org.sluice.appender;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.MultiProducerSequencer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.Sequencer;
import com.lmax.disruptor.SingleProducerSequencer;
import com.lmax.disruptor.YieldingWaitStrategy;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchDescriptor;

import java.nio.ByteOrder;

/**
 * The slots between producers and the writer: a Disruptor sequencer over off-heap memory.
 *
 * <p>A sequence says "this slot is free" or "this slot is filled", never "this entry is safe".
 *
 * <pre>
 *               4 bytes a slot                      slotBytes a slot, from a cache line on
 *     lengths  +------+------+------+-- … --+   slab  +--------------+--------------+-- … --+
 *              | word | word | word |       |         | payload      | payload      |       |
 *              +------+------+------+-- … --+         +--------------+--------------+-- … --+
 *
 *     word: the entry's length as in a batch, ABORTED bit included; with the OVERFLOW bit the
 *     slot's first 4 bytes are the number of the overflow buffer that holds the payload
 * </pre>
 *
 * <p>Lengths lie beside the payloads so that an entry of a usual size, a power of two, fills its
 * cache lines and crosses neither a line nor a page: decision 0014.
 *
 * <p><b>Threads.</b> Claim, fill and publish: producers. {@link #available}, the getters of a
 * published slot and {@link #consumed}: the writer.
 */
final class Slots {
    /** No slot was free. */
    static final long NONE_FREE = -1;

    /** Of a slot's word. Entries are shorter than this, and no batch holds it. */
    private static final int OVERFLOW = 0x4000_0000;

    private static final int CACHE_LINE_BYTES = 64;
    private static final int PAGE_BYTES = 4096;

    private final Sequencer sequencer;
    private final Sequence consumed = new Sequence();

    /**
     * The sequence a single producer claimed last, null with several. The producer's alone: it has
     * a cache line of its own because the writer reads the fields around it.
     */
    private final Sequence claimed;

    private final UnsafeBuffer lengths;
    private final UnsafeBuffer slab;
    private final int slotBytes;
    private final int stride;
    private final int mask;
    private final OverflowPool overflow;

    Slots(AppendLogConfig config) {
        slotBytes = config.slotBytes();
        stride = strideFor(slotBytes);
        mask = config.slotCount() - 1;
        lengths = aligned(config.slotCount() * Integer.BYTES, CACHE_LINE_BYTES);
        slab = aligned(config.slotCount() * stride, PAGE_BYTES);
        overflow = new OverflowPool(config.overflowCount(), config.maxEntryBytes());
        // The wait strategy is never asked: the writer has its own way of waiting.
        boolean isSingle = config.producers() == Producers.SINGLE;
        claimed = isSingle ? new Sequence() : null;
        sequencer =
                isSingle
                        ? new SingleProducerSequencer(
                                config.slotCount(), new YieldingWaitStrategy())
                        : new MultiProducerSequencer(
                                config.slotCount(), new YieldingWaitStrategy());
        sequencer.addGatingSequences(consumed);
    }

    private static UnsafeBuffer aligned(int bytes, int alignBytes) {
        return new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, alignBytes));
    }

    /**
     * Bytes from one slot to the next. Whole cache lines; not whole pages, which would put every
     * slot into the same cache sets.
     */
    static int strideFor(int slotBytes) {
        int bytes = BitUtil.align(slotBytes, CACHE_LINE_BYTES);
        return bytes % PAGE_BYTES == 0 ? bytes + CACHE_LINE_BYTES : bytes;
    }

    /**
     * Claims the next sequence, or returns {@link #NONE_FREE}.
     *
     * @throws IllegalStateException if a single producer has claimed one that it has not published
     */
    long tryClaim() {
        if (claimed != null) {
            return tryClaimAlone();
        }
        return tryNext();
    }

    /**
     * A single producer's cursor says only how far it has published: a later sequence would publish
     * an earlier one with it, whatever is in its slot. Even claiming one can, where it looks for
     * free slots.
     */
    private long tryClaimAlone() {
        checkNoClaim();
        long sequence = tryNext();
        if (sequence != NONE_FREE) {
            claimed.set(sequence);
        }
        return sequence;
    }

    /** Throws if a single producer has a claim open; its end may be what the caller waits for. */
    void checkNoClaim() {
        if (claimed != null && claimed.get() != sequencer.getCursor()) {
            throw new IllegalStateException(
                    "a claim is open: a single producer must commit or abort it before it goes on");
        }
    }

    private long tryNext() {
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

    void putInline(long sequence, Object source, int offset, int length) {
        putWord(sequence, length);
        SourceBytes.copy(source, offset, slab, slotOffset(sequence), length);
    }

    /** Marks the slot as holding its entry in {@code buffer}, which is filled. */
    void putOverflow(long sequence, OverflowBuffer buffer, int length) {
        putWord(sequence, length | OVERFLOW);
        slab.putInt(slotOffset(sequence), buffer.id(), ByteOrder.LITTLE_ENDIAN);
    }

    /** Makes the slot an entry that readers skip. */
    void putAborted(long sequence) {
        putWord(sequence, BatchDescriptor.ABORTED);
    }

    /** The slot's entry is shorter than was said before. */
    void putLength(long sequence, int length) {
        putWord(sequence, length);
    }

    /** Lets {@code view} show the slot's payload, for writing in place. */
    void wrapInline(long sequence, UnsafeBuffer view, int length) {
        putWord(sequence, length);
        view.wrap(slab, slotOffset(sequence), length);
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
        return word(sequence) & ~OVERFLOW;
    }

    /**
     * Copies the published entry, its length word first, to {@code target}, and gives an overflow
     * buffer back.
     *
     * @param length what {@link #entryLength} said
     */
    void copyEntry(long sequence, int length, UnsafeBuffer target, int targetOffset) {
        target.putInt(targetOffset, length, ByteOrder.LITTLE_ENDIAN);
        int payloadOffset = targetOffset + BatchDescriptor.ENTRY_HEADER_BYTES;
        if ((word(sequence) & OVERFLOW) != 0) {
            int id = slab.getInt(slotOffset(sequence), ByteOrder.LITTLE_ENDIAN);
            OverflowBuffer source = overflow.buffer(id);
            target.putBytes(payloadOffset, source.bytes(), 0, length);
            overflow.release(source);
        } else if (length > 0) {
            target.putBytes(payloadOffset, slab, slotOffset(sequence), length);
        }
    }

    private int word(long sequence) {
        return lengths.getInt(wordOffset(sequence), ByteOrder.LITTLE_ENDIAN);
    }

    private void putWord(long sequence, int word) {
        lengths.putInt(wordOffset(sequence), word, ByteOrder.LITTLE_ENDIAN);
    }

    private int wordOffset(long sequence) {
        return ((int) sequence & mask) * Integer.BYTES;
    }

    private int slotOffset(long sequence) {
        return ((int) sequence & mask) * stride;
    }
}
