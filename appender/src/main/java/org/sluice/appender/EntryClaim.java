package org.sluice.appender;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Objects;

/**
 * A place for one entry, written in place instead of copied: fill {@link #buffer()} from 0 to
 * {@link #length()}, then {@link #commit()} or {@link #abort()}. Every claim must end in one of the
 * two, soon: nothing after it can be written before. With a {@linkplain Producers#SINGLE single
 * producer} nothing after it can even be appended or claimed.
 *
 * <pre>{@code
 * long index = log.claim(lengthMax, claim);
 * try {
 *     claim.commit(encoder.encode(claim.buffer()));
 * } finally {
 *     if (claim.isOpen()) {
 *         claim.abort(); // the encoder threw
 *     }
 * }
 * }</pre>
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
    private Pipeline pipeline;
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
     * The entry is complete with the first {@code length} bytes of what was claimed: for encoders
     * that know how long it is only when it is there.
     *
     * @throws IndexOutOfBoundsException if more bytes than claimed; the claim stays open
     * @throws IllegalStateException if the claim is not open
     */
    public void commit(int length) {
        checkOpen();
        Objects.checkFromIndexSize(0, length, view.capacity());
        if (overflow == null) {
            pipeline.slots().putLength(sequence, length);
        } else {
            pipeline.slots().putOverflow(sequence, overflow, length);
        }
        commit();
    }

    /**
     * There will be no entry: readers skip its index.
     *
     * @throws IllegalStateException if the claim is not open
     */
    public void abort() {
        Pipeline claimed = end();
        claimed.slots().putAborted(sequence);
        if (overflow != null) {
            claimed.slots().releaseOverflow(overflow);
            overflow = null;
        }
        claimed.publish(sequence);
    }

    /** Whether it is claimed and neither committed nor aborted yet. */
    public boolean isOpen() {
        return pipeline != null;
    }

    void begin(Pipeline claiming, OverflowBuffer buffer, long claimedSequence, int length) {
        pipeline = claiming;
        overflow = buffer;
        sequence = claimedSequence;
        index = claiming.baseIndex() + claimedSequence;
        Slots claimed = claiming.slots();
        if (buffer == null) {
            claimed.wrapInline(claimedSequence, view, length);
        } else {
            claimed.putOverflow(claimedSequence, buffer, length);
            view.wrap(buffer.bytes(), 0, length);
        }
    }

    private Pipeline end() {
        checkOpen();
        Pipeline claimed = pipeline;
        pipeline = null;
        view.wrap(0, 0);
        return claimed;
    }

    private void checkOpen() {
        if (pipeline == null) {
            throw new IllegalStateException("the claim was committed or aborted already");
        }
    }
}
