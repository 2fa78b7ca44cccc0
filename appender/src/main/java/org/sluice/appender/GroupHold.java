package org.sluice.appender;

/**
 * Holds a batch back for a moment, so that callers who were served together are served together
 * again: one write and one sync for all of them, not one for the first and another for the rest.
 *
 * <p>It expects as many as were served last, waits for them {@value #HOLD_NS} ns at most, and where
 * fewer than half of them came it expects nobody for the next {@value #SKIPS} batches, so that
 * callers who come at random lose little.
 *
 * <p>Design note: group commit (D. J. DeWitt et al., "Implementation Techniques for Main Memory
 * Database Systems", 1984), with a bound. Numbers: decision 0015. Writer thread only.
 */
final class GroupHold {
    /** About what threads that are woken together take to come back. */
    static final long HOLD_NS = 60_000;

    /** Batches not held after one that was held in vain. */
    static final int SKIPS = 16;

    private boolean isHolding;
    private long sinceNs;
    private int skips;

    /**
     * Whether to wait for more entries than the {@code count} there are.
     *
     * @param expected callers that were served last, each of whom may come with an entry
     */
    boolean holds(int count, int expected, long nowNs) {
        if (isHolding) {
            isHolding = count < expected && nowNs - sinceNs < HOLD_NS;
            skips = !isHolding && count < (expected + 1) / 2 ? SKIPS : 0;
        } else if (count < expected && skips > 0) {
            skips--;
        } else if (count < expected) {
            isHolding = true;
            sinceNs = nowNs;
        }
        return isHolding;
    }

    /** Whether a batch is being held back now. */
    boolean isHolding() {
        return isHolding;
    }

    /** The batch is on its way, for whatever reason. */
    void release() {
        isHolding = false;
    }
}
