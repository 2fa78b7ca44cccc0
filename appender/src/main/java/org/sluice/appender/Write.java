package org.sluice.appender;

import org.sluice.store.AlignedBlock;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.Errno;
import org.sluice.store.SegmentDescriptor;

/**
 * One write on its way to the disk; a reused element of {@link WriteWindow}. Used by the writer
 * thread only.
 */
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

    /** Bytes from {@link #position} on, those of {@link #zeros} too. */
    int length;

    /** How many of them are zeros behind the batch, where the next batches go. */
    int zeros;

    /** The highest index written once this and all writes before it are. */
    long lastIndex;

    /** Whether it is durable once done. */
    boolean isThrough;

    /** Whether a thread waits for it. */
    boolean isAwaited;

    /** Gives it to the disk, whose completion will carry {@code tag}. */
    void submit(long tag) {
        AsyncFile file = segment.file;
        boolean isTaken;
        if (isThrough) {
            isTaken = file.writeAt(position, block, 0, length, AsyncFile.Reach.DURABLE, tag);
        } else if (isAwaited) {
            isTaken = file.writeAwaited(position, block, 0, length, tag);
        } else {
            isTaken = file.writeAt(position, block, 0, length, AsyncFile.Reach.WRITTEN, tag);
        }
        assert isTaken : "the engine takes as many writes as there are blocks";
        state = State.SUBMITTED;
    }

    /**
     * The disk has no room for the zeros: the batch goes alone, as do all others of its segment.
     */
    void dropZeros() {
        length -= zeros;
        zeros = 0;
        segment.writtenTo = Long.MAX_VALUE;
    }

    /**
     * What a completion that ends the log says.
     *
     * @param index the first that is not known to be written
     */
    AppendException failure(int result, long index) {
        int errno = result < 0 ? -result : Errno.EIO;
        String name = SegmentDescriptor.fileName(segment.header.number());
        return new AppendException(
                AppendException.Code.IO,
                "write of "
                        + length
                        + " bytes to "
                        + name
                        + " at "
                        + position
                        + " failed: "
                        + Errno.sentence(errno),
                null,
                index,
                errno,
                null);
    }
}
