package org.sluice.appender;

import org.sluice.store.AlignedBlock;

/** One write on its way to the disk; a reused element of {@link WriteWindow}. */
final class Write {
    enum State {
        FREE,
        /** With the disk. */
        SUBMITTED,
        /** Not taken by the disk for lack of space; to be submitted again. */
        REFUSED,
        /** Written. */
        DONE
    }

    State state = State.FREE;
    ActiveSegment segment;
    AlignedBlock block;
    long position;
    int length;

    /** The highest index written once this and all writes before it are. */
    long lastIndex;

    /** Whether it is durable once done. */
    boolean isThrough;
}
