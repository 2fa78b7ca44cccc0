package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Layout of a segment file: a header page, a run of batches (see {@link BatchDescriptor}), and, in
 * its last {@code indexBytes}, room for the sparse index (see {@link IndexDescriptor}).
 * Little-endian.
 *
 * <pre>
 *    0        4096                                   indexPosition      segmentBytes
 *    +--------+--------+--------+-- … --+------------+--------------------+
 *    | header | batch  | batch  |       | zeros,stale| sparse index       |
 *    +--------+--------+--------+-- … --+------------+--------------------+
 *
 *    Header: one 512-byte sector of the first page, so that it is replaced whole or not at all.
 *     0                               8                              16
 *    +-------------------------------+---------------+---------------+
 *    | magic "SLUICESG"              | version       | state         |
 *    +-------------------------------+---------------+---------------+ 16
 *    | segment number                | base index                    |
 *    +-------------------------------+-------------------------------+ 32
 *    | creation time, epoch ns       | segment bytes                 |
 *    +---------------+---------------+---------------+---------------+ 48
 *    | index bytes   | align bytes   | batch b. max  | flags         |
 *    +---------------+---------------+---------------+---------------+ 64
 *    | log id                        | zeros …                       |
 *    +-------------------------------+               +---------------+ 512
 *    | …                                             | CRC32C 0..507 |
 *    +-----------------------------------------------+---------------+
 * </pre>
 *
 * <p>A segment is made ready with state {@link #PREPARED} and no base index; when the writer rolls
 * into it, the header is written again with state {@link #ACTIVE}.
 */
public final class SegmentDescriptor {
    /** "SLUICESG" read as a little-endian long. */
    public static final long MAGIC = 0x4753_4543_4955_4C53L;

    /** Format version this code writes, and the newest it reads. */
    public static final int VERSION = 1;

    /** Bytes before the first batch. */
    public static final int HEADER_BYTES = 4096;

    /** Bytes of the header that carry meaning. */
    public static final int HEADER_SECTOR_BYTES = 512;

    /** State: sized and synced, holds no entry yet. */
    public static final int PREPARED = 1;

    /** State: entries may follow. */
    public static final int ACTIVE = 2;

    /**
     * Flag: entries at or after the base index that stand in segments of lower number are void (a
     * truncation happened here).
     */
    public static final int FLAG_SUPERSEDES = 1;

    /** Smallest segment: room for a header, some batches and an index. */
    public static final long SEGMENT_BYTES_MIN = 64 * 1024;

    /** Largest segment; keeps every position times two inside a long and every file manageable. */
    public static final long SEGMENT_BYTES_MAX = 1L << 40;

    /** Largest batch; bounds what a reader ever allocates because a file said so. */
    public static final int BATCH_BYTES_MAX = 64 * 1024 * 1024;

    /**
     * The highest number a segment may have. A log that makes a thousand a second takes 30,000
     * years to get there, so a file with a higher one is forged; and beyond it there must be room,
     * because a number of more digits than a name has would make a file that is no segment.
     */
    public static final long NUMBER_MAX = 999_999_999_999_999L;

    /**
     * The highest index a segment may begin with: a log that takes a billion entries a second gets
     * there in 146 years, so a file that begins later is forged. Beyond it indexes must be left, so
     * that none ever becomes negative.
     */
    public static final long INDEX_MAX = 1L << 62;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int STATE_OFFSET = 12;
    static final int NUMBER_OFFSET = 16;
    static final int BASE_INDEX_OFFSET = 24;
    static final int CREATION_TIME_OFFSET = 32;
    static final int SEGMENT_BYTES_OFFSET = 40;
    static final int INDEX_BYTES_OFFSET = 48;
    static final int ALIGN_BYTES_OFFSET = 52;
    static final int BATCH_BYTES_MAX_OFFSET = 56;
    static final int FLAGS_OFFSET = 60;
    static final int LOG_ID_OFFSET = 64;
    static final int CRC_OFFSET = HEADER_SECTOR_BYTES - Integer.BYTES;

    /** What the names of segments end with. */
    static final String SUFFIX = ".seg";

    private static final int NUMBER_DIGITS = 16;

    static {
        assert LOG_ID_OFFSET + Long.BYTES <= CRC_OFFSET;
        assert BitUtil.isAligned(HEADER_BYTES, HEADER_SECTOR_BYTES);
    }

    /**
     * What a header says.
     *
     * @param number the segment's number, 1 and up, never used twice in a log
     * @param state {@link #PREPARED} or {@link #ACTIVE}
     * @param baseIndex index of the first entry, -1 while prepared
     * @param creationTimeNs wall clock, ns since 1970
     * @param segmentBytes the file's full size
     * @param indexBytes bytes at the end kept for the sparse index
     * @param alignBytes every batch starts at a multiple of this
     * @param batchBytesMax no batch, padding included, is longer
     * @param flags see {@link #FLAG_SUPERSEDES}
     * @param logId random identity of the log the segment belongs to
     */
    public record Header(
            long number,
            int state,
            long baseIndex,
            long creationTimeNs,
            long segmentBytes,
            int indexBytes,
            int alignBytes,
            int batchBytesMax,
            int flags,
            long logId) {

        /** Where the sparse index begins, and so where batches end at the latest. */
        public long indexPosition() {
            return segmentBytes - indexBytes;
        }

        /** Whether lower-numbered segments end where this one begins. */
        public boolean supersedes() {
            return (flags & FLAG_SUPERSEDES) != 0;
        }

        /** The header this segment gets when the writer rolls into it. */
        public Header activated(long baseIndex, int flags) {
            return new Header(
                    number,
                    ACTIVE,
                    baseIndex,
                    creationTimeNs,
                    segmentBytes,
                    indexBytes,
                    alignBytes,
                    batchBytesMax,
                    flags,
                    logId);
        }
    }

    private SegmentDescriptor() {}

    /** The file name of a segment: 16 decimal digits and {@code .seg}, so that names sort. */
    public static String fileName(long number) {
        String digits = Long.toString(number);
        return "0".repeat(Math.max(0, NUMBER_DIGITS - digits.length())) + digits + SUFFIX;
    }

    /** The number in a segment's file name, or -1 if {@code name} is not one. */
    public static long numberOf(String name) {
        if (!name.endsWith(SUFFIX) || name.length() != NUMBER_DIGITS + SUFFIX.length()) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < NUMBER_DIGITS; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number == 0 ? -1 : number;
    }

    /**
     * Checks that a segment may begin with {@code baseIndex}, before it does.
     *
     * @throws AppendException FAILED if it may not
     */
    public static void requireIndex(long baseIndex) {
        if (baseIndex > INDEX_MAX) {
            throw new AppendException(
                    AppendException.Code.FAILED,
                    "no segment may begin with index "
                            + baseIndex
                            + ": indexes end at "
                            + INDEX_MAX
                            + ", which only a forged log comes near");
        }
    }

    /** Writes {@code header} over the first {@link #HEADER_BYTES} at {@code offset}. */
    public static void encode(AtomicBuffer buffer, int offset, Header header) {
        buffer.setMemory(offset, HEADER_BYTES, (byte) 0);
        buffer.putLong(offset + MAGIC_OFFSET, MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + VERSION_OFFSET, VERSION, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + STATE_OFFSET, header.state(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + NUMBER_OFFSET, header.number(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + BASE_INDEX_OFFSET, header.baseIndex(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(
                offset + CREATION_TIME_OFFSET, header.creationTimeNs(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(
                offset + SEGMENT_BYTES_OFFSET, header.segmentBytes(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + INDEX_BYTES_OFFSET, header.indexBytes(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + ALIGN_BYTES_OFFSET, header.alignBytes(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(
                offset + BATCH_BYTES_MAX_OFFSET, header.batchBytesMax(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + FLAGS_OFFSET, header.flags(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + LOG_ID_OFFSET, header.logId(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + CRC_OFFSET, crc(buffer, offset), ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether a header written by any version stands at {@code offset} and is undamaged. */
    static boolean isValid(AtomicBuffer buffer, int offset) {
        return buffer.capacity() - offset >= HEADER_SECTOR_BYTES
                && buffer.getLong(offset + MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN) == MAGIC
                && buffer.getInt(offset + CRC_OFFSET, ByteOrder.LITTLE_ENDIAN)
                        == crc(buffer, offset);
    }

    /** The version of a valid header. */
    static int version(AtomicBuffer buffer, int offset) {
        return buffer.getInt(offset + VERSION_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a valid header of {@link #VERSION}.
     *
     * @return null if a value is outside its bounds, which only a forged header can be
     */
    public static Header decode(AtomicBuffer buffer, int offset) {
        Header header =
                new Header(
                        buffer.getLong(offset + NUMBER_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(offset + STATE_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(offset + BASE_INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(offset + CREATION_TIME_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(offset + SEGMENT_BYTES_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(offset + INDEX_BYTES_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(offset + ALIGN_BYTES_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(offset + BATCH_BYTES_MAX_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(offset + FLAGS_OFFSET, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(offset + LOG_ID_OFFSET, ByteOrder.LITTLE_ENDIAN));
        return isSane(header) ? header : null;
    }

    private static boolean isSane(Header h) {
        boolean state =
                (h.state() == PREPARED && h.baseIndex() == -1)
                        || (h.state() == ACTIVE
                                && h.baseIndex() >= 0
                                && h.baseIndex() <= INDEX_MAX);
        return state
                && h.number() > 0
                && h.segmentBytes() >= SEGMENT_BYTES_MIN
                && h.segmentBytes() <= SEGMENT_BYTES_MAX
                && h.indexBytes() >= 0
                && h.indexPosition() > HEADER_BYTES
                && h.alignBytes() > 0
                && h.alignBytes() <= HEADER_BYTES
                && BitUtil.isPowerOfTwo(h.alignBytes())
                && h.batchBytesMax() >= BatchDescriptor.HEADER_BYTES
                && h.batchBytesMax() <= BATCH_BYTES_MAX;
    }

    private static int crc(AtomicBuffer buffer, int offset) {
        byte[] sector = new byte[CRC_OFFSET];
        buffer.getBytes(offset, sector);
        CRC32C crc = new CRC32C();
        crc.update(sector);
        return (int) crc.getValue();
    }
}
