package org.sluice.appender;

import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * What is remembered of a batch that was verified as a whole: the checksum of each piece of it, and
 * which entry is the first to begin there. With it an entry costs reading and checking a piece or
 * two; without it, all of the batch, which under load is a thousand times the entry.
 *
 * <p>A piece that still has its checksum is what was verified then. One that has not says nothing
 * about the entry: the batch must be read as a whole again.
 *
 * <p>Immutable.
 */
final class KnownBatch {
    /** A page, the least the operating system reads. */
    static final int PIECE_BYTES = 4096;

    /** What a batch takes beside its pieces, in objects, as a number of pieces. */
    private static final int COST_MIN = 14;

    private final long position;
    private final int length;
    private final long baseIndex;
    private final long nextIndex;
    private final long timestampNs;
    private final int[] sums;

    /** By piece, the first entry that begins in it or behind, counted from the batch's first. */
    private final int[] firstEntries;

    /** Where that is in the piece, as a number of {@link BatchDescriptor#ENTRY_ALIGN_BYTES}. */
    private final short[] firstOffsets;

    /** Remembers the current batch of {@code batches}, which is verified and not empty. */
    KnownBatch(BatchReader batches, CRC32C crc) {
        position = batches.position();
        length = batches.length();
        baseIndex = batches.baseIndex();
        nextIndex = batches.nextIndex();
        timestampNs = batches.timestampNs();
        int pieces = Math.ceilDiv(length, PIECE_BYTES);
        sums = new int[pieces];
        firstEntries = new int[pieces];
        firstOffsets = new short[pieces];
        ByteBuffer bytes = batches.buffer().byteBuffer();
        for (int piece = 0; piece < pieces; piece++) {
            int offset = batches.offset() + piece * PIECE_BYTES;
            sums[piece] = sum(crc, bytes, offset, bytesOf(piece));
        }
        findFirstEntries(batches);
    }

    private void findFirstEntries(BatchReader batches) {
        int at = BatchDescriptor.HEADER_BYTES;
        int found = 0;
        for (int entry = 0; entry < batches.entryCount(); entry++) {
            for (; found * PIECE_BYTES <= at; found++) {
                firstEntries[found] = entry;
                firstOffsets[found] =
                        (short) (at % PIECE_BYTES / BatchDescriptor.ENTRY_ALIGN_BYTES);
            }
            int stored = batches.buffer().getInt(batches.offset() + at, ByteOrder.LITTLE_ENDIAN);
            at += BatchDescriptor.entryBytes(stored & ~BatchDescriptor.ABORTED);
        }
        for (; found < firstEntries.length; found++) {
            firstEntries[found] = batches.entryCount();
        }
    }

    /** CRC32C of {@code count} bytes; leaves position and limit of {@code bytes} changed. */
    private static int sum(CRC32C crc, ByteBuffer bytes, int offset, int count) {
        crc.reset();
        crc.update(bytes.limit(offset + count).position(offset));
        return (int) crc.getValue();
    }

    /** Whether the bytes at {@code offset} are those that {@code piece} had. */
    boolean isPiece(int piece, CRC32C crc, ByteBuffer bytes, int offset) {
        return sum(crc, bytes, offset, bytesOf(piece)) == sums[piece];
    }

    boolean holds(long index) {
        return baseIndex <= index && index < nextIndex;
    }

    /** Index of the batch's first entry. */
    long baseIndex() {
        return baseIndex;
    }

    long timestampNs() {
        return timestampNs;
    }

    /** What it takes of memory, as a number of pieces, each of which takes 10 bytes. */
    int cost() {
        return COST_MIN + sums.length;
    }

    int bytesOf(int piece) {
        return Math.min(PIECE_BYTES, bytesFrom(piece));
    }

    /** Bytes of the batch from the beginning of {@code piece} on. */
    int bytesFrom(int piece) {
        return length - piece * PIECE_BYTES;
    }

    /** Where {@code piece} begins in the file. */
    long positionOf(int piece) {
        return position + (long) piece * PIECE_BYTES;
    }

    /** The piece in which entry {@code index} of this batch begins. */
    int pieceOf(long index) {
        int entry = (int) (index - baseIndex);
        int low = 0;
        int high = firstEntries.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (firstEntries[middle] <= entry) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Index of the first entry that begins in {@code piece}, if one does. */
    long firstIndexOf(int piece) {
        return baseIndex + firstEntries[piece];
    }

    /** Where that entry begins in {@code piece}. */
    int firstOffsetOf(int piece) {
        return firstOffsets[piece] * BatchDescriptor.ENTRY_ALIGN_BYTES;
    }
}
