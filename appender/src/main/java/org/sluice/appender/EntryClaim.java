package org.sluice.appender;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A place for one entry, written in place instead of copied: fill {@link #buffer()} from 0 to
 * {@link #length()}, then {@link #commit()} or {@link #abort()}. Every claim must end in one of the
 * two, soon: nothing after it can be written before. With a {@linkplain Producers#SINGLE single
 * producer} nothing after it can even be appended or claimed.
 *
 * <p>One claim object serves one thread for any number of claims, one at a time. Until commit or
 * abort the buffer is the caller's; after it, it must not be touched, and shows nothing.
 *
 * <p>A log that is closed waits for open claims until its {@code closeTimeout}, and fails if one is
 * open still; with a single producer it gives the claim up at once. To commit or abort then does no
 * harm, and no good.
 */
public final class EntryClaim {
    private final UnsafeBuffer view;
    private Slots slots;
    private OverflowBuffer overflow;
    private long sequence;
    private long index = -1;

    /**
     * An empty claim, to be passed to {@link AppendLog#claim}.
     *
     * @throws org.sluice.store.AppendException MISSING_JVM_FLAG
     */
    public EntryClaim() {
        JvmFlags.check();
        view = new UnsafeBuffer(0, 0);
    }

    /** Where the payload goes, from offset 0. Holds old bytes: all of it must be written. */
    public MutableDirectBuffer buffer() {
        return view;
    }

    /** Bytes claimed; 0 after commit or abort. */
    public int length() {
        return view.capacity();
    }

    /** The entry's index, also after commit or abort; -1 before the first claim. */
    public long index() {
        return index;
    }

    /**
     * The entry is complete: it will be written.
     *
     * @throws IllegalStateException if the claim is not open
     */
    public void commit() {
        end().publish(sequence);
    }

    /**
     * There will be no entry: readers skip its index.
     *
     * @throws IllegalStateException if the claim is not open
     */
    public void abort() {
        Slots claimed = end();
        claimed.putAborted(sequence);
        if (overflow != null) {
            claimed.releaseOverflow(overflow);
            overflow = null;
        }
        claimed.publish(sequence);
    }

    boolean isOpen() {
        return slots != null;
    }

    void begin(Slots claimed, OverflowBuffer buffer, long claimedSequence, long base, int length) {
        slots = claimed;
        overflow = buffer;
        sequence = claimedSequence;
        index = base + claimedSequence;
        if (buffer == null) {
            claimed.wrapInline(claimedSequence, view, length);
        } else {
            claimed.putOverflow(claimedSequence, buffer, length);
            view.wrap(buffer.bytes(), 0, length);
        }
    }

    private Slots end() {
        if (slots == null) {
            throw new IllegalStateException("the claim was committed or aborted already");
        }
        Slots claimed = slots;
        slots = null;
        view.wrap(0, 0);
        return claimed;
    }
}
