package org.sluice.appender;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.AppendException;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads single entries of {@linkplain KnownBatch known batches}, and lets no byte out that does not
 * have the checksum of then. Keeps the last pieces read: who goes from entry to entry reads each
 * piece once.
 *
 * <p>One thread.
 */
final class KnownBatchReader {
    private static final int PIECES_MIN = 4;

    private final UnsafeBuffer buffer = new UnsafeBuffer();
    private ByteBuffer bytes;
    private final CRC32C crc = new CRC32C();

    /** What is in memory: {@code count} pieces of {@code batch}, from {@code first} on. */
    private KnownBatch batch;

    private int first;
    private int count;

    KnownBatchReader() {
        allocate(PIECES_MIN * KnownBatch.PIECE_BYTES);
    }

    /** Remembers the current batch of {@code batches}, which is verified and has entries. */
    KnownBatch learn(BatchReader batches) {
        return new KnownBatch(batches, crc);
    }

    /**
     * Finds an entry.
     *
     * @param known holds {@code index}
     * @param file where that batch stands
     * @return false if it must be read in the ordinary way, which will tell why
     */
    boolean find(KnownBatch known, StoreFile file, long index, FoundEntry found) {
        int piece = known.pieceOf(index);
        if (!has(known, piece, 1) && !load(known, file, piece, 1)) {
            return false;
        }
        int at = known.firstOffsetOf(piece);
        int length = lengthAt(known, piece, at);
        for (long before = known.firstIndexOf(piece); before < index && length >= 0; before++) {
            at += BatchDescriptor.entryBytes(length);
            length = lengthAt(known, piece, at);
        }
        if (length < 0) {
            return false;
        }
        int stored = stored(piece, at);
        int payload = at + BatchDescriptor.ENTRY_HEADER_BYTES;
        int needed = Math.ceilDiv(payload + length, KnownBatch.PIECE_BYTES);
        if (!has(known, piece, needed) && !load(known, file, piece, needed)) {
            return false;
        }
        found.at(buffer, offsetOf(piece) + payload, stored, known.timestampNs());
        return true;
    }

    /**
     * The length of the entry that begins {@code at} bytes from the beginning of {@code piece}; -1
     * if there can be none, which only a piece says that was forged to keep its checksum.
     */
    private int lengthAt(KnownBatch known, int piece, int at) {
        if (at > known.bytesOf(piece) - BatchDescriptor.ENTRY_HEADER_BYTES) {
            return -1;
        }
        int stored = stored(piece, at);
        if (stored == BatchDescriptor.ABORTED) {
            return 0;
        }
        int room = known.bytesFrom(piece) - at - BatchDescriptor.ENTRY_HEADER_BYTES;
        return stored <= room ? Math.max(-1, stored) : -1;
    }

    private int stored(int piece, int at) {
        return buffer.getInt(offsetOf(piece) + at, ByteOrder.LITTLE_ENDIAN);
    }

    private int offsetOf(int piece) {
        return (piece - first) * KnownBatch.PIECE_BYTES;
    }

    private boolean has(KnownBatch known, int from, int pieces) {
        return known == batch && from >= first && from + pieces <= first + count;
    }

    private boolean load(KnownBatch known, StoreFile file, int from, int pieces) {
        forget();
        int length = (pieces - 1) * KnownBatch.PIECE_BYTES + known.bytesOf(from + pieces - 1);
        makeRoom(length);
        try {
            if (file.read(bytes.limit(length).position(0), known.positionOf(from)) < length) {
                return false;
            }
        } catch (AppendException e) {
            return false;
        }
        for (int i = 0; i < pieces; i++) {
            if (!known.isPiece(from + i, crc, bytes, i * KnownBatch.PIECE_BYTES)) {
                return false;
            }
        }
        batch = known;
        first = from;
        count = pieces;
        return true;
    }

    private void makeRoom(int length) {
        if (length > bytes.capacity()) {
            allocate(BitUtil.findNextPositivePowerOfTwo(length));
        }
    }

    private void allocate(int capacity) {
        bytes = BufferUtil.allocateDirectAligned(capacity, KnownBatch.PIECE_BYTES);
        buffer.wrap(bytes);
    }

    /** The pieces in memory are no longer to be relied upon. */
    void forget() {
        batch = null;
    }
}
