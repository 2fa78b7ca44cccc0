package org.sluice.appender;

/**
 * Whether the disk has room for the log, and everyone who must know when that changes: the
 * producers, whose appends may then fail at once, the statistics, and the callers who wait for what
 * can't be written now. Writer thread only.
 */
final class DiskSpace {
    private final boolean failsWhenFull;
    private final LogState state;
    private final StatsRecorder stats;
    private final IndexWaiters writtenWaiters;
    private final IndexWaiters durableWaiters;
    private boolean isFull;

    DiskSpace(
            DiskFull policy,
            LogState state,
            StatsRecorder stats,
            IndexWaiters writtenWaiters,
            IndexWaiters durableWaiters) {
        this.failsWhenFull = policy == DiskFull.FAIL;
        this.state = state;
        this.stats = stats;
        this.writtenWaiters = writtenWaiters;
        this.durableWaiters = durableWaiters;
        // What a run before this one saw may be over.
        stats.diskFull(false);
    }

    /** A write or a new segment did not fit. */
    void onFull() {
        if (!isFull) {
            tell(true);
            writtenWaiters.wakeAll();
            durableWaiters.wakeAll();
        }
    }

    /** Nothing is kept from the disk for lack of room. */
    void onFree() {
        if (isFull) {
            tell(false);
        }
    }

    private void tell(boolean isFullNow) {
        isFull = isFullNow;
        if (failsWhenFull) {
            state.diskFull(isFullNow);
        }
        // After the state, so that whoever sees it here finds appends to behave so.
        stats.diskFull(isFullNow);
    }
}
