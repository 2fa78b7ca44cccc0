package org.sluice.store;

import java.util.ArrayDeque;
import java.util.Collection;

/**
 * The sealed segments of a log, oldest first, and which of them retention no longer wants.
 *
 * <p><b>Threads.</b> One at a time, under the keeper's lock; {@link #firstIndex} and {@link #count}
 * are for any.
 */
final class KeptSegments {
    private final SegmentSettings settings;
    private final ArrayDeque<SealedSegment> segments;
    private boolean isNewestHeld;

    /** Of all their files. */
    private long bytes;

    private volatile long firstIndex;
    private volatile int count;

    /**
     * @param sealed by rising number
     * @param firstIndex index of the first entry kept; segments before it are to go
     */
    KeptSegments(SegmentSettings settings, Collection<SealedSegment> sealed, long firstIndex) {
        this.settings = settings;
        this.segments = new ArrayDeque<>(sealed);
        this.firstIndex = firstIndex;
        sum();
    }

    /** Index of the first entry kept. */
    long firstIndex() {
        return firstIndex;
    }

    int count() {
        return count;
    }

    /** The newest stays, whatever its age, until another comes. */
    void holdNewest() {
        isNewestHeld = true;
    }

    void add(SealedSegment segment) {
        segments.add(segment);
        isNewestHeld = false;
        sum();
    }

    /** The oldest, if it may go at all, else null. */
    SealedSegment oldestFree() {
        return segments.size() > (isNewestHeld ? 1 : 0) ? segments.peek() : null;
    }

    /** Whether retention wants the oldest to go, or it has begun to go already. */
    boolean isOverdue(SealedSegment oldest, long epochNs) {
        long restBytes = bytes - oldest.bytes();
        boolean isTooMuch = settings.retentionBytes() > 0 && restBytes >= settings.retentionBytes();
        boolean isTooOld =
                settings.retentionAgeNs() > 0
                        && epochNs - oldest.lastTimeNs() > settings.retentionAgeNs();
        return isHidden(oldest) || isTooMuch || isTooOld;
    }

    /**
     * Whether callers were told already that the oldest is gone, although it could not be removed
     * yet.
     */
    boolean isHidden(SealedSegment oldest) {
        return oldest.header().baseIndex() < firstIndex && oldest.nextIndex() <= firstIndex;
    }

    /** The oldest is about to go: nobody may be told of its entries any more. */
    void hideOldest() {
        firstIndex = Math.max(firstIndex, segments.element().nextIndex());
    }

    /** The oldest has gone. */
    void removeOldest() {
        segments.remove();
        sum();
    }

    private void sum() {
        long sum = 0;
        for (SealedSegment segment : segments) {
            sum += segment.bytes();
        }
        bytes = sum;
        count = segments.size();
    }
}
