package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A segment's file that begins sound and is then changed, field by field; whoever checks its
 * checksums finds them right.
 */
final class ForgedSegment {
    private static final int FILE_BYTES = (int) SegmentDescriptor.SEGMENT_BYTES_MIN;
    private static final int[] HEADER_LONGS = {
        SegmentDescriptor.MAGIC_OFFSET,
        SegmentDescriptor.NUMBER_OFFSET,
        SegmentDescriptor.BASE_INDEX_OFFSET,
        SegmentDescriptor.CREATION_TIME_OFFSET,
        SegmentDescriptor.SEGMENT_BYTES_OFFSET,
        SegmentDescriptor.LOG_ID_OFFSET
    };
    private static final int[] HEADER_INTS = {
        SegmentDescriptor.VERSION_OFFSET,
        SegmentDescriptor.STATE_OFFSET,
        SegmentDescriptor.INDEX_BYTES_OFFSET,
        SegmentDescriptor.ALIGN_BYTES_OFFSET,
        SegmentDescriptor.BATCH_BYTES_MAX_OFFSET,
        SegmentDescriptor.FLAGS_OFFSET
    };

    private final byte[] bytes = new byte[FILE_BYTES];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final ByteBuffer view = ByteBuffer.wrap(bytes);
    private final BatchChecksum checksum = new BatchChecksum();
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
        sign(position);
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
        int[] fields = isLong ? HEADER_LONGS : HEADER_INTS;
        put(fields[(which >> 1) % fields.length], isLong, input);
        signHeader();
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
            sign(at);
        }
    }

    void forgeIndex(FuzzInput input) {
        int word = input.next();
        int at = (int) header.indexPosition();
        put(at + word % 64 * Integer.BYTES, (word & 64) != 0, input);
        if ((word & 128) == 0) {
            signIndex();
        }
    }

    void forgeAnything(FuzzInput input) {
        put(input.nextShort(), true, input);
    }

    /** Makes the checksums fit what header and batches now say. */
    void signAll() {
        signHeader();
        batches.forEach(this::sign);
        int at = (int) header.indexPosition();
        putLong(at + IndexDescriptor.LOG_ID_OFFSET, getLong(SegmentDescriptor.LOG_ID_OFFSET));
        putLong(at + IndexDescriptor.NUMBER_OFFSET, getLong(SegmentDescriptor.NUMBER_OFFSET));
        putLong(
                at + IndexDescriptor.BASE_INDEX_OFFSET,
                getLong(SegmentDescriptor.BASE_INDEX_OFFSET));
        signIndex();
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

    private void signHeader() {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, SegmentDescriptor.CRC_OFFSET);
        buffer.putInt(SegmentDescriptor.CRC_OFFSET, (int) crc.getValue(), ByteOrder.LITTLE_ENDIAN);
    }

    private void sign(int at) {
        int length = BatchDescriptor.length(buffer, at);
        if (length >= BatchDescriptor.CHECKED_OFFSET && length <= FILE_BYTES - at) {
            checksum.seal(
                    buffer,
                    view,
                    at,
                    length,
                    getLong(SegmentDescriptor.LOG_ID_OFFSET),
                    getLong(SegmentDescriptor.NUMBER_OFFSET),
                    at);
        }
    }

    private void signIndex() {
        int at = (int) header.indexPosition();
        int count = buffer.getInt(at + IndexDescriptor.POINT_COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
        long end = IndexDescriptor.HEADER_BYTES + (long) count * IndexDescriptor.POINT_BYTES;
        if (count >= 0 && end <= header.indexBytes()) {
            CRC32C crc = new CRC32C();
            int from = IndexDescriptor.POINT_COUNT_OFFSET;
            crc.update(bytes, at + from, (int) end - from);
            buffer.putInt(
                    at + IndexDescriptor.CRC_OFFSET, (int) crc.getValue(), ByteOrder.LITTLE_ENDIAN);
        }
    }

    private long getLong(int at) {
        return buffer.getLong(at, ByteOrder.LITTLE_ENDIAN);
    }

    private void putLong(int at, long value) {
        buffer.putLong(at, value, ByteOrder.LITTLE_ENDIAN);
    }
}
