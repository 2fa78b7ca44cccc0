package org.sluice.store;

/**
 * A segment that is ready to be written.
 *
 * @param isWritten whether its blocks have been written before, as zeros or in an earlier life:
 *     then a write to them changes no metadata of the filesystem, and soon ends
 */
public record PreparedSegment(SegmentDescriptor.Header header, boolean isWritten) {}
