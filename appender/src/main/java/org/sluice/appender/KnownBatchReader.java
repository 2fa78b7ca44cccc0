package org.sluice.appender;

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
    /** An entry that reaches over more pieces is so large that its batch is read as a whole. */
    private static final int PIECES_MAX = 16;

    private final ByteBuffer bytes =
            BufferUtil.allocateDirectAligned(
                    PIECES_MAX * KnownBatch.PIECE_BYTES, KnownBatch.PIECE_BYTES);
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final CRC32C crc = new CRC32C();

    /** What is in memory: {@code count} pieces of {@code batch}, from {@code first} on. */
    private KnownBatch batch;

    private int first;
    private int count;

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
        for (long before = known.firstIndexOf(piece); before < index; before++) {
            at += BatchDescriptor.entryBytes(stored(piece, at) & ~BatchDescriptor.ABORTED);
        }
        int stored = stored(piece, at);
        int end = at + BatchDescriptor.ENTRY_HEADER_BYTES + (stored & ~BatchDescriptor.ABORTED);
        int needed = Math.ceilDiv(end, KnownBatch.PIECE_BYTES);
        if (!has(known, piece, needed)
                && (needed > PIECES_MAX || !load(known, file, piece, needed))) {
            return false;
        }
        int payload = offsetOf(piece) + at + BatchDescriptor.ENTRY_HEADER_BYTES;
        found.at(buffer, payload, stored, known.timestampNs());
        return true;
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
        int last = from + pieces - 1;
        int length = (pieces - 1) * KnownBatch.PIECE_BYTES + known.bytesOf(last);
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

    /** The pieces in memory are no longer to be relied upon. */
    void forget() {
        batch = null;
    }
}
