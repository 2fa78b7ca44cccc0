package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/**
 * The part of a segment's file that a {@link BatchReader} has in memory: positional reads of up to
 * the buffer's size fill one direct buffer ahead of what is asked for.
 *
 * <p>How far ahead follows from use: it doubles with each read, and the reader has it fall back to
 * a page where there was no batch, so that polling the end of a live log is cheap. The buffer grows
 * only for a batch that is longer, up to the segment's longest, and never beyond what the file
 * holds.
 *
 * <p>What is in memory was in the file when it was read, no more: nothing here is verified. Not
 * thread-safe.
 */
final class ReadWindow {
    private static final int READ_BYTES_MIN = AlignedBlockPool.PAGE_BYTES;

    private final UnsafeBuffer buffer;
    private ByteBuffer bytes;

    private StoreFile file;
    private long end;
    private int lengthMax;

    private long position;
    private int length;
    private int readBytes;
    private AppendException fault;

    /**
     * @param bufferBytes size of the buffer, at least a page
     */
    ReadWindow(int bufferBytes) {
        if (bufferBytes < READ_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "bufferBytes must be at least " + READ_BYTES_MIN + ": " + bufferBytes);
        }
        bytes = BufferUtil.allocateDirectAligned(bufferBytes, AlignedBlockPool.PAGE_BYTES);
        buffer = new UnsafeBuffer(bytes);
    }

    /**
     * Turns to another file, of which nothing is in memory yet.
     *
     * @param end nothing is read from this position on
     * @param lengthMax nothing longer is ever asked for
     */
    void open(StoreFile file, long end, int lengthMax) {
        this.file = file;
        this.end = end;
        this.lengthMax = lengthMax;
        position = 0;
        length = 0;
        readLittle();
    }

    /** What is in memory, from offset 0; the same object for good, wherever the memory is. */
    UnsafeBuffer buffer() {
        return buffer;
    }

    /** The memory of {@link #buffer}, until it grows. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** Where in the file the window begins. */
    long position() {
        return position;
    }

    /** Bytes in memory. */
    int length() {
        return length;
    }

    /** Where in {@link #buffer} the byte at {@code at} in the file is, if it is there. */
    int offsetOf(long at) {
        return (int) (at - position);
    }

    /** Whether {@code count} bytes at {@code from} are in memory. */
    boolean holds(long from, int count) {
        return from >= position && position + length - from >= count;
    }

    /** The next read is as short as can be. */
    void readLittle() {
        readBytes = READ_BYTES_MIN;
    }

    /** The next read brings {@code count} bytes if the buffer can hold them. */
    void readAtLeast(int count) {
        readBytes = Math.min(Math.max(count, READ_BYTES_MIN), bytes.capacity());
    }

    /**
     * Reads what follows the window behind it, and moves its bytes from {@code from} on to the
     * buffer's beginning.
     *
     * @return whether {@code count} bytes at {@code from} are in memory then
     */
    boolean extend(long from, int count) {
        int kept = (int) (position + length - from);
        if (count <= kept || !makeRoom(from, count)) {
            return count <= kept;
        }
        buffer.putBytes(0, buffer, offsetOf(from), kept);
        load(from, kept, count);
        return length >= count;
    }

    /**
     * Reads at least {@code count} bytes at {@code from}, or as many as there are, in place of what
     * was in memory.
     *
     * @return whether {@code count} bytes are in memory then
     */
    boolean fill(long from, int count) {
        fault = null;
        if (from < SegmentDescriptor.HEADER_BYTES || from > end - count || !makeRoom(from, count)) {
            return false;
        }
        load(from, 0, count);
        return length >= count;
    }

    /** Why the last {@link #fill} stopped, if the file can't be read there, else null. */
    AppendException fault() {
        return fault;
    }

    /**
     * Reads behind the first {@code kept} bytes, which stand at {@code from}. Where that brings too
     * little, once more without reading ahead: what is only read ahead must not be in the way of
     * what is asked for.
     */
    private void load(long from, int kept, int count) {
        position = from;
        length = kept;
        read(wanted(from, count));
        if (length < count) {
            read(count);
        }
        readBytes = Math.min(readBytes * 2, bytes.capacity());
    }

    private void read(int limit) {
        bytes.limit(limit).position(length);
        fault = null;
        try {
            length += file.read(bytes, position + length);
        } catch (AppendException e) {
            if (!FileFaults.isUnreadable(e)) {
                throw e;
            }
            fault = e;
        }
    }

    /** Bytes from {@code from} on that the next read is to leave in memory. */
    private int wanted(long from, int count) {
        int wanted = (int) Math.min(Math.max(count, readBytes), end - from);
        return Math.min(bytes.capacity(), wanted);
    }

    /** Makes the buffer hold {@code count} bytes, if the file has them. */
    private boolean makeRoom(long from, int count) {
        if (count <= bytes.capacity()) {
            return true;
        }
        if (file.size() - from < count) {
            return false;
        }
        assert count <= lengthMax : count;
        int grown = Math.min(BitUtil.findNextPositivePowerOfTwo(count), lengthMax);
        ByteBuffer larger = BufferUtil.allocateDirectAligned(grown, AlignedBlockPool.PAGE_BYTES);
        buffer.getBytes(0, larger, 0, length);
        bytes = larger;
        buffer.wrap(larger);
        return true;
    }
}
