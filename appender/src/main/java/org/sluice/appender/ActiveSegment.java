package org.sluice.appender;

import org.sluice.store.AsyncFile;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndexBuilder;

/**
 * A segment the writer writes to, or has rolled out of and not handed back yet. Writer thread only.
 */
final class ActiveSegment {
    final SegmentDescriptor.Header header;
    final AsyncFile file;
    final SparseIndexBuilder points;

    /** Where the next batch goes. */
    long position;

    /** The highest index submitted to it; base index - 1 if none. */
    long lastIndex;

    ActiveSegment(
            SegmentDescriptor.Header header,
            AsyncFile file,
            SparseIndexBuilder points,
            long position,
            long lastIndex) {
        this.header = header;
        this.file = file;
        this.points = points;
        this.position = position;
        this.lastIndex = lastIndex;
    }

    /** Bytes left for batches. */
    long room() {
        return header.indexPosition() - position;
    }
}
