package org.sluice.cli;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/**
 * Reads entries from a channel: {@link #read} waits for bytes, {@link #next} steps through the
 * entries that are whole by then. All of them lie in one buffer, allocated once. One thread, but
 * for {@link #close}.
 */
final class EntryInput {
    private static final int READ_BYTES = 1 << 20;

    private final ReadableByteChannel channel;
    private final EntryFormat format;
    private final byte[] bytes;
    private final ByteBuffer target;
    private final UnsafeBuffer view;
    private int start;
    private int end;
    private boolean isEnded;
    private boolean isUnended;

    EntryInput(ReadableByteChannel channel, EntryFormat format, int entryBytesMax) {
        this.channel = channel;
        this.format = format;
        // Room for what is left of one read, an entry not yet whole, and another read.
        bytes = new byte[READ_BYTES + format.formatBytesMax(entryBytesMax)];
        target = ByteBuffer.wrap(bytes);
        view = new UnsafeBuffer(bytes);
    }

    /**
     * Waits for more bytes; call it when {@link #next} gives no more.
     *
     * @return false at the end of the input, or when it was closed
     */
    boolean read() {
        System.arraycopy(bytes, start, bytes, 0, end - start);
        end -= start;
        start = 0;
        target.limit(Math.min(bytes.length, end + READ_BYTES)).position(end);
        int count;
        try {
            count = channel.read(target);
        } catch (ClosedChannelException closed) {
            // No end of the input's own: what is left of an entry is none.
            return false;
        } catch (IOException e) {
            throw new InputException("standard input can't be read: " + e.getMessage(), e);
        }
        isEnded = count < 0;
        end += Math.max(0, count);
        return !isEnded;
    }

    /**
     * Ends the input, from any thread: a {@link #read} that waits returns, and so does each later
     * one. What one got by then is kept.
     */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InputException("standard input can't be closed: " + e.getMessage(), e);
        }
    }

    /** Steps to the next entry; false if no whole one is there. */
    boolean next() {
        boolean isFound = format.find(bytes, start, end);
        if (!isFound && isEnded) {
            isFound = format.findUnended(start, end);
            isUnended |= isFound;
        }
        if (isFound) {
            start = format.nextOffset();
        }
        return isFound;
    }

    /** Holds the entry. */
    DirectBuffer buffer() {
        return view;
    }

    int entryOffset() {
        return format.entryOffset();
    }

    int entryLength() {
        return format.entryLength();
    }

    /** Whether the entry stood at the end of the input without an end of its own. */
    boolean isUnended() {
        return isUnended;
    }
}
