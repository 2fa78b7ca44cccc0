package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A segment's file that begins sound and is then changed, field by field; whoever checks its
 * checksums finds them right.
 */
final class ForgedSegment {
    private static final int FILE_BYTES = (int) SegmentDescriptor.SEGMENT_BYTES_MIN;
    private final byte[] bytes = new byte[FILE_BYTES];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final SegmentDescriptor.Header header;
    private final SparseIndexBuilder points;
    private final List<Integer> batches = new ArrayList<>();
    private int position = SegmentDescriptor.HEADER_BYTES;
    private int fileBytes = FILE_BYTES;

    ForgedSegment(SegmentDescriptor.Header header) {
        this.header = header;
        points = new SparseIndexBuilder(header.segmentBytes());
        SegmentDescriptor.encode(buffer, 0, header);
    }

    String name() {
        return SegmentDescriptor.fileName(header.number());
    }

    byte[] content() {
        return Arrays.copyOf(bytes, fileBytes);
    }

    // ---- by the book ----

    /** Appends a batch of {@code count} entries of {@code length} bytes, if there is room. */
    boolean batch(
            int count, int length, long baseIndex, long timeNs, long durableIndex, int flags) {
        int batchBytes = BatchDescriptor.HEADER_BYTES + count * BatchDescriptor.entryBytes(length);
        int paddedBytes = BitUtil.align(batchBytes, header.alignBytes());
        if (paddedBytes > header.indexPosition() - position) {
            return false;
        }
        int at = position + BatchDescriptor.HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            boolean isAborted = length == 0 && i % 2 == 1;
            buffer.putInt(
                    at, isAborted ? BatchDescriptor.ABORTED : length, ByteOrder.LITTLE_ENDIAN);
            buffer.setMemory(at + BatchDescriptor.ENTRY_HEADER_BYTES, length, (byte) 'x');
            at += BatchDescriptor.entryBytes(length);
        }
        BatchDescriptor.encodeHeader(
                buffer,
                position,
                batchBytes,
                paddedBytes,
                count,
                baseIndex,
                timeNs,
                durableIndex,
                flags);
        Signatures.signBatch(buffer, position);
        batches.add(position);
        points.add(baseIndex, timeNs, position);
        position += paddedBytes;
        return true;
    }

    /** Writes the sparse index of what is there. */
    void seal(long nextIndex) {
        UnsafeBuffer index = points.encode(header, nextIndex, position);
        buffer.putBytes((int) header.indexPosition(), index, 0, index.capacity());
    }

    /** Ends the file behind its last batch. */
    void trim() {
        fileBytes = position;
    }

    // ---- and against it ----

    /** Ends the file anywhere. */
    void cut(int size) {
        fileBytes = Math.min(size, FILE_BYTES);
    }

    /** Goes {@code count} alignments on, or back over batches that stand there. */
    void move(int count) {
        position =
                Math.clamp(
                        position + (long) count * header.alignBytes(),
                        SegmentDescriptor.HEADER_BYTES,
                        (int) header.indexPosition());
    }

    void forgeHeader(FuzzInput input) {
        int which = input.next();
        boolean isLong = (which & 1) != 0;
        int number = which >> 1;
        put(isLong ? HeaderFields.longAt(number) : HeaderFields.intAt(number), isLong, input);
        Signatures.signHeader(buffer);
    }

    void forgeBatch(FuzzInput input) {
        int which = input.next();
        int word = input.next();
        if (batches.isEmpty()) {
            return;
        }
        int at = batches.get(which % batches.size());
        put(at + word % 64 * Integer.BYTES, (word & 64) != 0, input);
        if ((word & 128) == 0) {
            Signatures.signBatch(buffer, at);
        }
    }

    void forgeIndex(FuzzInput input) {
        int word = input.next();
        int at = (int) header.indexPosition();
        put(at + word % 64 * Integer.BYTES, (word & 64) != 0, input);
        if ((word & 128) == 0) {
            Signatures.signIndex(buffer, at);
        }
    }

    void forgeAnything(FuzzInput input) {
        put(input.nextShort(), true, input);
    }

    /** Makes the checksums fit what header and batches now say. */
    void signAll() {
        Signatures.signHeader(buffer);
        batches.forEach(batch -> Signatures.signBatch(buffer, batch));
        int at = (int) header.indexPosition();
        putLong(at + IndexDescriptor.LOG_ID_OFFSET, getLong(SegmentDescriptor.LOG_ID_OFFSET));
        putLong(at + IndexDescriptor.NUMBER_OFFSET, getLong(SegmentDescriptor.NUMBER_OFFSET));
        putLong(
                at + IndexDescriptor.BASE_INDEX_OFFSET,
                getLong(SegmentDescriptor.BASE_INDEX_OFFSET));
        Signatures.signIndex(buffer, at);
    }

    private void put(int at, boolean isLong, FuzzInput input) {
        if (at > FILE_BYTES - Long.BYTES) {
            return;
        }
        if (isLong) {
            putLong(at, input.value(getLong(at)));
        } else {
            int value = (int) input.value(buffer.getInt(at, ByteOrder.LITTLE_ENDIAN));
            buffer.putInt(at, value, ByteOrder.LITTLE_ENDIAN);
        }
    }

    private long getLong(int at) {
        return buffer.getLong(at, ByteOrder.LITTLE_ENDIAN);
    }

    private void putLong(int at, long value) {
        buffer.putLong(at, value, ByteOrder.LITTLE_ENDIAN);
    }
}
