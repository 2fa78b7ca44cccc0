package org.sluice.store;

/**
 * A segment that is complete: the writer has rolled out of it and all of it is durable.
 *
 * @param header as it stands in its file
 * @param nextIndex index after its last entry
 * @param lastTimeNs time of its last batch, ns since 1970; 0 if it has none
 */
public record SealedSegment(SegmentDescriptor.Header header, long nextIndex, long lastTimeNs) {}
