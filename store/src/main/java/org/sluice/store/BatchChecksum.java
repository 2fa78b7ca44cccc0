package org.sluice.store;

import org.agrona.MutableDirectBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The checksum of a batch: CRC32C (Castagnoli, RFC 3720 appendix B.4) over log id, segment number
 * and file position, each a little-endian long, then over the batch from {@link
 * BatchDescriptor#CHECKED_OFFSET} to its length.
 *
 * <p>The seed makes a batch valid in one place of one segment of one log only: stale bytes of a
 * recycled segment and misdirected writes fail the check by construction.
 *
 * <p>Not thread-safe; allocates nothing after construction.
 */
public final class BatchChecksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer seed =
            ByteBuffer.allocateDirect(3 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * The checksum of the batch of {@code length} bytes at {@code offset} of {@code bytes}. Leaves
     * position and limit of {@code bytes} changed.
     */
    private int compute(
            ByteBuffer bytes, int offset, int length, long logId, long segment, long position) {
        seed.putLong(0, logId).putLong(8, segment).putLong(16, position).clear();
        crc.reset();
        crc.update(seed);
        bytes.limit(offset + length).position(offset + BatchDescriptor.CHECKED_OFFSET);
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Computes the checksum and stores it in the batch's header. */
    public void seal(
            MutableDirectBuffer buffer,
            ByteBuffer bytes,
            int offset,
            int length,
            long logId,
            long segment,
            long position) {
        int value = compute(bytes, offset, length, logId, segment, position);
        buffer.putInt(offset + BatchDescriptor.CRC_OFFSET, value, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether the plausible batch at {@code offset} is undamaged and in its own place. */
    boolean matches(
            ByteBuffer bytes,
            int offset,
            int length,
            int stored,
            long logId,
            long segment,
            long position) {
        return compute(bytes, offset, length, logId, segment, position) == stored;
    }
}
