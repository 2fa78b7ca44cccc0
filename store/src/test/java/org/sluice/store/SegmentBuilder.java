package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Makes a segment by the format's book, byte by byte, for tests that must not depend on the code
 * they test. {@link #bytes} is the file.
 */
public final class SegmentBuilder {
    private static final int ENTRY_LENGTH_MAX_BYTES = 1 << 20;

    private final SegmentDescriptor.Header header;
    private final BatchChecksum checksum = new BatchChecksum();
    private final ByteBuffer content;
    private final UnsafeBuffer buffer;
    private int position = SegmentDescriptor.HEADER_BYTES;
    private long nextIndex;

    /** An active segment of {@code header}'s geometry. */
    public SegmentBuilder(SegmentDescriptor.Header header) {
        this.header = header;
        content = ByteBuffer.allocateDirect(Math.toIntExact(header.segmentBytes()));
        buffer = new UnsafeBuffer(content);
        nextIndex = header.baseIndex();
        SegmentDescriptor.encode(buffer, 0, header);
    }

    /** A header with the smallest segment and a batch limit that fits it. */
    public static SegmentDescriptor.Header header(long logId, long number, long baseIndex) {
        return header(logId, number, baseIndex, SegmentDescriptor.SEGMENT_BYTES_MIN, 8, 0);
    }

    /** A header, prepared if {@code baseIndex} is -1. */
    public static SegmentDescriptor.Header header(
            long logId, long number, long baseIndex, long segmentBytes, int alignBytes, int flags) {
        return new SegmentDescriptor.Header(
                number,
                baseIndex < 0 ? SegmentDescriptor.PREPARED : SegmentDescriptor.ACTIVE,
                baseIndex,
                1_000 + number,
                segmentBytes,
                IndexDescriptor.indexBytes(segmentBytes),
                alignBytes,
                (int) Math.min(SegmentDescriptor.BATCH_BYTES_MAX, segmentBytes),
                flags,
                logId);
    }

    /** Appends a batch; null stands for an aborted entry. */
    public SegmentBuilder batch(long timestampNs, long durableIndex, byte[]... entries) {
        return batch(timestampNs, durableIndex, 0, entries);
    }

    /** Appends the batch that an orderly close leaves. */
    public SegmentBuilder closed(long timestampNs) {
        return batch(timestampNs, nextIndex - 1, BatchDescriptor.FLAG_CLOSED);
    }

    private SegmentBuilder batch(
            long timestampNs, long durableIndex, int flags, byte[]... entries) {
        int at = position + BatchDescriptor.HEADER_BYTES;
        for (byte[] entry : entries) {
            int length = entry == null ? 0 : entry.length;
            assert length <= ENTRY_LENGTH_MAX_BYTES : length;
            int stored = entry == null ? BatchDescriptor.ABORTED : length;
            buffer.putInt(at, stored, ByteOrder.LITTLE_ENDIAN);
            if (entry != null) {
                buffer.putBytes(at + BatchDescriptor.ENTRY_HEADER_BYTES, entry);
            }
            at += BatchDescriptor.entryBytes(length);
        }
        int length = at - position;
        int paddedLength = BitUtil.align(length, header.alignBytes());
        BatchDescriptor.encodeHeader(
                buffer,
                position,
                length,
                paddedLength,
                entries.length,
                nextIndex,
                timestampNs,
                durableIndex,
                flags);
        seal(position, length);
        position += paddedLength;
        nextIndex += entries.length;
        return this;
    }

    /** Computes the checksum of a batch anew, after a test has forged something in it. */
    public void seal(int batchPosition, int length) {
        checksum.seal(
                buffer,
                content,
                batchPosition,
                length,
                header.logId(),
                header.number(),
                batchPosition);
    }

    /** Where the next batch goes. */
    public int position() {
        return position;
    }

    /** Moves on without writing a batch, as if one had been lost. */
    public SegmentBuilder skip(int paddedLength, int entryCount) {
        position += paddedLength;
        nextIndex += entryCount;
        return this;
    }

    /** Index of the next entry. */
    public long nextIndex() {
        return nextIndex;
    }

    /** The header. */
    public SegmentDescriptor.Header header() {
        return header;
    }

    /** The content so far, to be forged. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** The whole file. */
    public byte[] bytes() {
        byte[] bytes = new byte[content.capacity()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    /** The file as an orderly close leaves it: cut off behind its last batch. */
    public byte[] trimmed() {
        return Arrays.copyOf(bytes(), position);
    }
}
