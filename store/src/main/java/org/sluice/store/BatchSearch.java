package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.ByteOrder;

/**
 * Looks for a batch where none is known to begin, at every place of a segment where one may. Steps
 * through what its reader has in memory, and has the reader load and verify. Not thread-safe;
 * allocates nothing after construction.
 */
final class BatchSearch {
    private final BatchReader reader;
    private final ReadWindow window;
    private final UnsafeBuffer buffer;

    BatchSearch(BatchReader reader, ReadWindow window) {
        this.reader = reader;
        this.window = window;
        buffer = window.buffer();
    }

    /**
     * As {@link BatchReader#search}.
     *
     * @param header of the segment that is open
     */
    long find(Header header, long from, long baseIndexMin, SearchBudget budget) {
        int step = header.alignBytes();
        long at = Math.ceilDiv(from, step) * step;
        while (at <= header.indexPosition() - BatchDescriptor.HEADER_BYTES) {
            if (!window.holds(at, BatchDescriptor.HEADER_BYTES)
                    && !reader.fill(at, BatchDescriptor.HEADER_BYTES)) {
                if (window.fault() == null) {
                    break;
                }
                long behind = pageBehind(window.position() + window.length());
                spend(budget, behind - at, header);
                at = behind;
                continue;
            }
            long next = skipToMagic(at, step);
            spend(budget, next - at, header);
            at = next;
            if (window.holds(at, BatchDescriptor.HEADER_BYTES)) {
                if (reader.decode(at) && reader.baseIndex() >= baseIndexMin) {
                    if (reader.verify()) {
                        return at;
                    }
                    spend(budget, reader.length(), header);
                }
                at += step;
            }
        }
        return -1;
    }

    /** Where to go on behind a place that can't be read; a page is the least that is read. */
    private static long pageBehind(long unreadable) {
        return (unreadable / AlignedBlockPool.PAGE_BYTES + 1) * AlignedBlockPool.PAGE_BYTES;
    }

    /** The next place in the window with a batch's magic, or the first place beyond the window. */
    private long skipToMagic(long from, int step) {
        int at = window.offsetOf(from);
        int last = window.length() - BatchDescriptor.HEADER_BYTES;
        while (at <= last && buffer.getInt(at, ByteOrder.LITTLE_ENDIAN) != BatchDescriptor.MAGIC) {
            at += step;
        }
        return window.position() + at;
    }

    private static void spend(SearchBudget budget, long bytes, Header header) {
        if (!budget.spend(bytes)) {
            throw new AppendException(
                    AppendException.Code.CORRUPT,
                    "segment "
                            + SegmentDescriptor.fileName(header.number())
                            + ", or what stands before it, holds more false batch headers and holes"
                            + " than a crash can leave");
        }
    }
}
