package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.ByteOrder;

/**
 * Tells whether bytes in a {@link ReadWindow} are a batch of one segment: first whether the header
 * could be one's, then whether the checksum matches in this very place and the entries fill the
 * batch exactly. Knows nothing of files. Not thread-safe; allocates nothing after construction.
 */
final class BatchVerifier {
    private final BatchChecksum checksum = new BatchChecksum();
    private final ReadWindow window;
    private final UnsafeBuffer buffer;

    private Header header;

    BatchVerifier(ReadWindow window) {
        this.window = window;
        buffer = window.buffer();
    }

    /** Turns to another segment. */
    void open(Header header) {
        this.header = header;
    }

    /** Whether a batch's header, the checksum left aside, may stand at {@code position}. */
    boolean isPlausible(long position) {
        int at = window.offsetOf(position);
        long room = header.indexPosition() - position;
        return window.length() - at >= BatchDescriptor.HEADER_BYTES
                && BatchDescriptor.isPlausible(
                        buffer, at, header.alignBytes(), room, header.batchBytesMax())
                && BatchDescriptor.durableIndex(buffer, at) >= -1
                && BatchDescriptor.durableIndex(buffer, at) < BatchDescriptor.baseIndex(buffer, at);
    }

    /** Whether the plausible batch at {@code position}, all in memory, is undamaged. */
    boolean isWhole(long position, int length, int entryCount) {
        int offset = window.offsetOf(position);
        int stored = BatchDescriptor.crc(buffer, offset);
        if (!checksum.matches(
                window.bytes(),
                offset,
                length,
                stored,
                header.logId(),
                header.number(),
                position)) {
            return false;
        }
        return entriesTile(offset, length, entryCount);
    }

    /** Whether the entries fill the batch exactly; a checksum does not say so, it can be forged. */
    private boolean entriesTile(int offset, int length, int entryCount) {
        int end = offset + length;
        int at = offset + BatchDescriptor.HEADER_BYTES;
        for (int i = 0; i < entryCount; i++) {
            if (at >= end) {
                return false;
            }
            int stored = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN);
            int room = end - at - BatchDescriptor.ENTRY_HEADER_BYTES;
            if (stored < 0 ? stored != BatchDescriptor.ABORTED : stored > room) {
                return false;
            }
            at += BatchDescriptor.entryBytes(stored & ~BatchDescriptor.ABORTED);
        }
        return at == end;
    }
}
