package org.sluice.appender;

import org.sluice.store.SearchBudget;

/**
 * What {@link HoleSearch} keeps from one hole of a log to the next, so that many holes together
 * cost little more than one. Of one thread.
 */
final class HoleMemory {
    private final SearchBudget budget;
    private HoleProof proof;
    private HoleProof unreadable;
    private long unprovenIndex = Long.MAX_VALUE;

    /**
     * @param logBytes size of the log's files
     */
    HoleMemory(long logBytes) {
        budget = new SearchBudget(logBytes);
    }

    /** Pays for all searches. */
    SearchBudget budget() {
        return budget;
    }

    /** Keeps {@code found}, unless what is kept says more of the hole where it was found. */
    void keepProof(HoleProof found, long number, long position, long index) {
        if (proof == null
                || proof.lastIndex() <= found.lastIndex()
                || !proof.covers(number, position, index)) {
            proof = found;
        }
    }

    /** What proves, by an earlier search, that the entry missing at a hole was durable, or null. */
    HoleProof proofOf(long number, long position, long index) {
        return covering(proof, number, position, index);
    }

    /** Keeps the last place that can't be read, which stands behind the most holes. */
    void keepUnreadable(HoleProof place) {
        unreadable = place;
    }

    /** A place behind the hole that can't be read, as far as an earlier search met one, or null. */
    HoleProof unreadableBehind(long number, long position, long index) {
        return covering(unreadable, number, position, index);
    }

    /** A search went on to the log's end and met no proof that {@code index} was durable. */
    void keepUnproven(long index) {
        unprovenIndex = Math.min(unprovenIndex, index);
    }

    /** Whether nothing proves {@code index} to be durable, because nothing proved one before it. */
    boolean isUnproven(long index) {
        return index >= unprovenIndex;
    }

    private static HoleProof covering(HoleProof kept, long number, long position, long index) {
        return kept != null && kept.covers(number, position, index) ? kept : null;
    }
}
