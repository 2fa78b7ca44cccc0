package org.sluice.appender;

/**
 * Whether who waits yields its core and looks again, or parks: by how long waits typically take.
 * Any thread; where two updates race, losing one does no harm.
 *
 * <p>Being woken takes about 20 µs; whether that is much depends on the disk. A wait in vain says
 * little: a fast disk takes long now and then too, for a batch with zeros behind it. So waits are
 * averaged, and a single one counts as twice the time worth yielding for at most. Numbers: decision
 * 0019.
 */
final class YieldPace {
    private static final int SMOOTHING = 8;

    private volatile long typicalNs;

    /** Somebody got what it waited for, after {@code waitedNs}. */
    void served(long waitedNs, long worthNs) {
        long before = typicalNs;
        long excessNs = Math.min(Math.max(0, waitedNs - worthNs), worthNs);
        long countedNs = Math.min(waitedNs, worthNs) + excessNs;
        // What is worth it differs by wait: no long one may lower what the others have shown.
        countedNs = Math.max(countedNs, Math.min(waitedNs, before));
        typicalNs = before + (countedNs - before) / SMOOTHING;
    }

    /** Somebody's time was over: it would have waited for longer than {@code waitedNs}. */
    void gaveUp(long waitedNs, long worthNs) {
        served(Math.max(waitedNs, typicalNs), worthNs);
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
