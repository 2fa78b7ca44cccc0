package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.nio.ByteOrder;

/**
 * Layout of a batch, the unit that is written and checked as a whole. Little-endian.
 *
 * <pre>
 *     0               4               8               12             16
 *    +---------------+---------------+---------------+---------------+
 *    | magic "SBAT"  | CRC32C        | length        | entry count   |
 *    +---------------+---------------+---------------+---------------+ 16
 *    | base index                    | wall clock, epoch ns          |
 *    +-------------------------------+---------------+---------------+ 32
 *    | durable index                 | flags         | padded length |
 *    +-------------------------------+---------------+---------------+ 48
 *    | entry, entry, …  each:                                        |
 *    |   +---------------+----------- … ------+-------------------+  |
 *    |   | length        | payload            | zeros to 8 bytes  |  |
 *    |   +---------------+----------- … ------+-------------------+  |
 *    +---------------------------------------------------------------+ length
 *    | padding, neither checked nor read                             |
 *    +---------------------------------------------------------------+ padded length
 * </pre>
 *
 * <p>The checksum covers everything from {@code length} (the field) to {@code length} (the
 * position), after a seed of log id, segment number and file position: see {@link BatchChecksum}.
 * {@code durable index} is the highest index known to be durable when the batch was made, -1 for
 * none: proof that everything up to it must be readable.
 *
 * <p>An entry's length has its top bit set when the entry was aborted: it keeps its index, has no
 * payload, and readers skip it.
 */
public final class BatchDescriptor {
    /** "SBAT" read as a little-endian int. */
    public static final int MAGIC = 0x5441_4253;

    /** Bytes before the first entry. */
    public static final int HEADER_BYTES = 48;

    /** Bytes before an entry's payload. */
    public static final int ENTRY_HEADER_BYTES = 4;

    /** Entries start at multiples of this. */
    public static final int ENTRY_ALIGN_BYTES = 8;

    /** Bit of an entry's length that marks it as aborted. */
    public static final int ABORTED = 0x8000_0000;

    /** Flag: the log was closed in order after this batch; it has no entries. */
    public static final int FLAG_CLOSED = 1;

    /**
     * Flag: the entries stood in an earlier segment and were kept when a truncation cut their
     * batch; what is new begins behind them.
     */
    public static final int FLAG_KEPT = 2;

    /** Offset from which the checksum counts. */
    public static final int CHECKED_OFFSET = 8;

    static final int MAGIC_OFFSET = 0;
    static final int CRC_OFFSET = 4;
    static final int LENGTH_OFFSET = 8;
    static final int ENTRY_COUNT_OFFSET = 12;
    static final int BASE_INDEX_OFFSET = 16;
    static final int TIMESTAMP_OFFSET = 24;
    static final int DURABLE_INDEX_OFFSET = 32;
    static final int FLAGS_OFFSET = 40;
    static final int PADDED_LENGTH_OFFSET = 44;

    static {
        assert PADDED_LENGTH_OFFSET + Integer.BYTES == HEADER_BYTES;
        assert BitUtil.isAligned(HEADER_BYTES, ENTRY_ALIGN_BYTES);
    }

    private BatchDescriptor() {}

    /** Bytes an entry of {@code length} takes: 0 → 8, 4 → 8, 5 → 16, 256 → 264. */
    public static int entryBytes(int length) {
        return BitUtil.align(ENTRY_HEADER_BYTES + length, ENTRY_ALIGN_BYTES);
    }

    /** Writes all of the header but the checksum, which {@link BatchChecksum#seal} adds. */
    public static void encodeHeader(
            MutableDirectBuffer buffer,
            int offset,
            int length,
            int paddedLength,
            int entryCount,
            long baseIndex,
            long timestampNs,
            long durableIndex,
            int flags) {
        buffer.putInt(offset + MAGIC_OFFSET, MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + LENGTH_OFFSET, length, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + ENTRY_COUNT_OFFSET, entryCount, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + BASE_INDEX_OFFSET, baseIndex, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + TIMESTAMP_OFFSET, timestampNs, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + DURABLE_INDEX_OFFSET, durableIndex, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + FLAGS_OFFSET, flags, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + PADDED_LENGTH_OFFSET, paddedLength, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Whether the header at {@code offset} could be one: magic, and lengths within their bounds.
     * Says nothing about damage; that is the checksum's to find.
     *
     * @param alignBytes the segment's alignment
     * @param room bytes from the batch's position to the end of the segment's batches
     * @param batchBytesMax the segment's longest batch
     */
    static boolean isPlausible(
            DirectBuffer buffer, int offset, int alignBytes, long room, int batchBytesMax) {
        if (buffer.getInt(offset + MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN) != MAGIC) {
            return false;
        }
        int length = length(buffer, offset);
        int paddedLength = paddedLength(buffer, offset);
        int entryCount = entryCount(buffer, offset);
        return length >= HEADER_BYTES
                && BitUtil.isAligned(length, ENTRY_ALIGN_BYTES)
                && paddedLength >= length
                && paddedLength <= batchBytesMax
                && paddedLength <= room
                && BitUtil.isAligned(paddedLength, alignBytes)
                && entryCount >= 0
                && entryCount <= (length - HEADER_BYTES) / ENTRY_ALIGN_BYTES
                && baseIndex(buffer, offset) >= 0
                && baseIndex(buffer, offset) <= Long.MAX_VALUE - entryCount;
    }

    /** Bytes of header and entries. */
    public static int length(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes to the next batch. */
    static int paddedLength(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + PADDED_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Entries in the batch, aborted ones included. */
    public static int entryCount(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + ENTRY_COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Index of the first entry. */
    public static long baseIndex(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + BASE_INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Wall clock when the batch was made, ns since 1970; never less than that of the one before.
     */
    static long timestampNs(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + TIMESTAMP_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Highest index known to be durable when the batch was made, -1 for none. */
    static long durableIndex(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + DURABLE_INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** See {@link #FLAG_CLOSED} and {@link #FLAG_KEPT}. */
    static int flags(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + FLAGS_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** The stored checksum. */
    public static int crc(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + CRC_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }
}
