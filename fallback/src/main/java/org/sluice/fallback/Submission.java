package org.sluice.fallback;

import org.sluice.store.AlignedBlock;

/** One operation in the window of a {@link ChannelIo}; reused for ever. */
final class Submission {
    /** What is to be done. */
    enum Kind {
        WRITE,
        READ,
        SYNC
    }

    Kind kind;
    ChannelFile file;
    long position;
    AlignedBlock block;
    int offset;
    int length;
    boolean durable;
    long tag;
    int result;

    /** Position of the first byte behind it. */
    long endPosition() {
        return position + length;
    }

    /** Lets go of file and block, so that the window keeps neither alive. */
    void clear() {
        file = null;
        block = null;
    }
}
