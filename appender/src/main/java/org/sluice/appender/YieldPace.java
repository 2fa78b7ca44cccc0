package org.sluice.appender;

/**
 * Whether a thread that waits yields its core and looks again, or parks: by how long it typically
 * waits. For the threads of {@link IndexWaiters}, each its own.
 *
 * <p>Being woken takes about 20 µs; whether that is much depends on the disk. A wait in vain says
 * little: a fast disk takes long now and then too, for a batch with zeros behind it. So waits are
 * averaged, and one counts for no more than twice what is worth it. Numbers: decision 0019.
 */
final class YieldPace {
    private static final int SMOOTHING = 8;

    private long typicalNs;

    /** A wait has ended, after {@code waitedNs}. */
    void ended(long waitedNs, long worthNs) {
        long excessNs = Math.min(Math.max(0, waitedNs - worthNs), worthNs);
        long countedNs = Math.min(waitedNs, worthNs) + excessNs;
        typicalNs += (countedNs - typicalNs) / SMOOTHING;
    }

    /**
     * Whether to yield now.
     *
     * @param waitedNs since the wait began
     * @param worthNs waits that typically are longer are not worth yielding at all
     * @param limitNs yields no longer than this
     */
    boolean isToYield(long waitedNs, long worthNs, long limitNs) {
        return typicalNs < worthNs && waitedNs < limitNs;
    }
}
