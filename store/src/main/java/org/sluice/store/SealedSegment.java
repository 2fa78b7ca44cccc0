package org.sluice.store;

/**
 * A segment that is complete: the writer has rolled out of it and all of it is durable.
 *
 * @param header as it stands in its file
 * @param nextIndex index after its last entry
 * @param lastTimeNs time of its last batch, ns since 1970; 0 if it has none
 * @param bytes what it counts for in retention
 */
public record SealedSegment(
        SegmentDescriptor.Header header, long nextIndex, long lastTimeNs, long bytes) {

    /** One that is full. */
    SealedSegment(SegmentDescriptor.Header header, long nextIndex, long lastTimeNs) {
        this(header, nextIndex, lastTimeNs, header.segmentBytes());
    }

    /**
     * One that was found. If it has room for another batch, because a truncation ended it, it
     * counts with what it holds: its file has no more blocks than that, and many short ones must
     * not drive out what is worth keeping.
     *
     * @param endPosition where its last batch ends
     */
    public static SealedSegment of(
            SegmentDescriptor.Header header, long nextIndex, long lastTimeNs, long endPosition) {
        boolean isFull = header.indexPosition() - endPosition < header.batchBytesMax();
        long bytes = isFull ? header.segmentBytes() : endPosition;
        return new SealedSegment(header, nextIndex, lastTimeNs, bytes);
    }
}
