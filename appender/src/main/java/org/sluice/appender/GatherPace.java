package org.sluice.appender;

/**
 * When the writer looks at the slots, and when it lets entries collect in a block instead. Writer
 * thread only.
 *
 * <p>A writer that takes each entry as it appears fights the producers for the cache lines of
 * cursor and slots, and slows them by a factor of up to five. So unless someone waits, it lets
 * entries collect; and under load it does not even look at the disk until the block is full. Those
 * who do wait are expected together: {@link GroupHold}.
 */
final class GatherPace {
    /** Between two looks at slots that nobody waits on. */
    static final long COLLECT_NS = 20_000;

    /** As many entries as this in one look mean that a block will be full within a few more. */
    private static final int COLLECT_ENTRIES_MIN = 256;

    private final GroupHold hold = new GroupHold();
    private long nextGatherNs;
    private boolean isCollecting;

    GatherPace(long nowNs) {
        this.nextGatherNs = nowNs;
    }

    /** Whether to look at the slots now, even if nobody waits. */
    boolean isTime(long nowNs) {
        return nowNs - nextGatherNs >= 0;
    }

    /** A look at the slots gave {@code taken} entries. */
    void onGathered(int taken, long nowNs, boolean isWanted) {
        isCollecting = taken >= COLLECT_ENTRIES_MIN && !isWanted;
        if (taken > 0) {
            nextGatherNs = nowNs + COLLECT_NS;
        }
    }

    /** Whether a batch of {@code count} entries waits for more: {@link GroupHold#holds}. */
    boolean holdsBack(int count, int expected, long nowNs) {
        return hold.holds(count, expected, nowNs);
    }

    /**
     * The batch is on its way. If it {@code isFull} there is more, and a disk that takes its time
     * must not be waited for before the next block is begun.
     */
    void onSubmit(boolean isFull, long nowNs) {
        isCollecting = false;
        if (isFull) {
            nextGatherNs = nowNs;
        }
        hold.release();
    }

    /** Whether a block is filling so fast that it is best left alone for {@link #COLLECT_NS}. */
    boolean isCollecting() {
        return isCollecting;
    }

    /** Whether callers are expected within microseconds. */
    boolean isHolding() {
        return hold.isHolding();
    }
}
