package org.sluice.appender;

import org.agrona.BitUtil;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndexBuilder;

/**
 * A segment the writer writes to, or has rolled out of and not handed back yet. Writer thread only.
 */
final class ActiveSegment {
    private static final int FULL_ALIGN_BYTES = AlignedBlockPool.PAGE_BYTES;

    final SegmentDescriptor.Header header;
    final AsyncFile file;
    final SparseIndexBuilder points;

    /** Where the next batch goes. */
    long position;

    /** The highest index submitted to it; base index - 1 if none. */
    long lastIndex;

    /**
     * Up to here blocks have been written, or are being. The first write to a block that is only
     * reserved costs a change of the filesystem's metadata. It is at or beyond the segment's end
     * where no zeros are to be written.
     */
    long writtenTo;

    ActiveSegment(
            SegmentDescriptor.Header header,
            AsyncFile file,
            SparseIndexBuilder points,
            long position,
            long lastIndex,
            long writtenTo) {
        this.header = header;
        this.file = file;
        this.points = points;
        this.position = position;
        this.lastIndex = lastIndex;
        this.writtenTo = writtenTo;
    }

    /** A batch of {@code length} bytes was submitted, {@code zeros} behind it. */
    void advance(int length, int zeros, long newLastIndex) {
        position += length;
        writtenTo = Math.max(writtenTo, position + zeros);
        lastIndex = newLastIndex;
    }

    /** Bytes left for batches. */
    long room() {
        return header.indexPosition() - position;
    }

    /** What the next batch may hold at most, gathered in a block of {@code blockBytes}. */
    int limit(int blockBytes) {
        // A full batch ends at a page boundary: (position + limit) % 4,096 = 0.
        long end = BitUtil.align(position + blockBytes - FULL_ALIGN_BYTES + 1, FULL_ALIGN_BYTES);
        return (int) Math.min(end - position, room());
    }

    /** What a batch of {@code length} bytes takes here with its padding. */
    int paddedLength(int length, boolean isFull) {
        int align = isFull ? FULL_ALIGN_BYTES : header.alignBytes();
        return (int) (BitUtil.align(position + length, align) - position);
    }
}
