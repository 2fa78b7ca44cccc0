package org.sluice.store;

import org.agrona.MutableDirectBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Makes checksums right again, for whoever forges what they cover. Each takes a buffer that holds a
 * segment from its beginning on.
 */
public final class Signatures {
    /**
     * One for all, behind a lock: each would take memory outside the heap until it is collected.
     */
    private static final BatchChecksum CHECKSUM = new BatchChecksum();

    private Signatures() {}

    /** Makes that of the header right. */
    public static void signHeader(MutableDirectBuffer buffer) {
        sign(buffer, 0, SegmentDescriptor.CRC_OFFSET, SegmentDescriptor.CRC_OFFSET);
    }

    /**
     * Makes that of the batch at {@code position} right, for the log and the segment that the
     * header names; not if it claims a length that can't be.
     */
    public static synchronized void signBatch(MutableDirectBuffer buffer, int position) {
        int length = BatchDescriptor.length(buffer, position);
        if (length >= BatchDescriptor.CHECKED_OFFSET && length <= buffer.capacity() - position) {
            CHECKSUM.seal(
                    buffer,
                    view(buffer),
                    position,
                    length,
                    buffer.getLong(SegmentDescriptor.LOG_ID_OFFSET, ByteOrder.LITTLE_ENDIAN),
                    buffer.getLong(SegmentDescriptor.NUMBER_OFFSET, ByteOrder.LITTLE_ENDIAN),
                    position);
        }
    }

    /** Makes that of the index at {@code position} right, unless it claims too many points. */
    public static void signIndex(MutableDirectBuffer buffer, int position) {
        int from = position + IndexDescriptor.POINT_COUNT_OFFSET;
        int count = buffer.getInt(from, ByteOrder.LITTLE_ENDIAN);
        long bytes = IndexDescriptor.HEADER_BYTES + (long) count * IndexDescriptor.POINT_BYTES;
        if (count >= 0 && bytes <= buffer.capacity() - position) {
            sign(buffer, from, position + (int) bytes, position + IndexDescriptor.CRC_OFFSET);
        }
    }

    private static void sign(MutableDirectBuffer buffer, int from, int to, int crcPosition) {
        CRC32C crc = new CRC32C();
        crc.update(view(buffer).limit(to).position(from));
        buffer.putInt(crcPosition, (int) crc.getValue(), ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer view(MutableDirectBuffer buffer) {
        assert buffer.wrapAdjustment() == 0 : buffer;
        ByteBuffer bytes = buffer.byteBuffer();
        return bytes == null ? ByteBuffer.wrap(buffer.byteArray()) : bytes.duplicate().clear();
    }
}
