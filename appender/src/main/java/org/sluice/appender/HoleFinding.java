package org.sluice.appender;

import org.sluice.store.StoreDirectory;

/**
 * What {@link HoleSearch} found behind a hole.
 *
 * @param evidence what proves that entries were lost, null if nothing does
 * @param unreadable a place that can't be read: what was acknowledged may stand there; null if
 *     there is none
 * @param brokenAt place in the listing of a later file that is to blame because the segment itself
 *     is over, -1 if it is not
 * @param resumeAt place in the listing where reading can go on, -1 if nowhere
 * @param resumePosition where in that segment
 * @param resumeIndex with which entry
 * @param seenIndex the highest entry seen in any intact batch behind the hole, -1 for none
 * @param tornBytes bytes of intact batches behind the hole
 * @param isOutdated whether the log has gone on in a later segment since it was listed, so that the
 *     hole may be none; never where nobody writes
 */
record HoleFinding(
        HoleProof evidence,
        HoleProof unreadable,
        int brokenAt,
        int resumeAt,
        long resumePosition,
        long resumeIndex,
        long seenIndex,
        long tornBytes,
        boolean isOutdated) {

    boolean isDamage() {
        return evidence != null || unreadable != null;
    }

    /** Number of the segment without which the hole might not be damage. */
    long proofNumber() {
        return evidence != null ? evidence.number() : unreadable.number();
    }

    /** Why the hole is damage. */
    String reason() {
        if (unreadable == null) {
            return evidence.words();
        }
        return evidence == null
                ? unreadable.words()
                : unreadable.words() + ", and " + evidence.words();
    }

    /** The last entry lost if {@code index} is the first. */
    long lastLost(long index) {
        if (resumeAt >= 0) {
            return resumeIndex - 1;
        }
        return seenIndex >= index ? seenIndex : LogDamage.UNKNOWN;
    }

    /** All of a segment's file is damaged. */
    LogDamage damage(
            StoreDirectory directory, ListedSegment segment, long lastIndex, String description) {
        return new LogDamage(
                directory.path().resolve(segment.name()),
                0,
                resumeIndex,
                lastIndex,
                description,
                unreadable != null);
    }

    /**
     * The damage at {@code position} of the segment at place {@code at}, where {@code index} should
     * be.
     */
    LogDamage damage(
            StoreDirectory directory, LogListing listing, int at, long position, long index) {
        long last = lastLost(index);
        if (brokenAt < 0) {
            return new LogDamage(
                    directory.path().resolve(listing.segments().get(at).name()),
                    position,
                    index,
                    last,
                    "no intact batch continues the log there"
                            + (unreadable != null ? ": " : ", but ")
                            + reason(),
                    unreadable != null);
        }
        ListedSegment broken = listing.segments().get(brokenAt);
        boolean isBroken =
                broken.state() == ListedSegment.State.UNREADABLE && broken.fault() == null;
        String what = isBroken ? "its header is broken, and " : "";
        return new LogDamage(
                directory.path().resolve(broken.name()),
                0,
                index,
                last,
                what + reason(),
                unreadable != null);
    }
}
