package org.sluice.store;

/**
 * Whether a log is in a hurry: how long it takes to fill a segment.
 *
 * <p><b>Threads.</b> {@link #taken} is the writer's, the rest one other thread's.
 */
final class FillPace {
    /**
     * A log that fills its segments no faster than this is in no hurry. Zeros are written a little
     * faster, so that they stay ahead of it.
     */
    private static final long CALM_BYTES_A_SECOND = 64 << 20;

    /** The size of a segment taken since the last look, else 0. */
    private volatile long takenBytes;

    private long activeSinceNs;
    private long activeBytes;
    private boolean isCalm = true;

    FillPace(long nowNs) {
        activeSinceNs = nowNs;
    }

    /** The writer goes on in a segment of this many bytes. */
    void taken(long bytes) {
        takenBytes = bytes;
    }

    /** Whether the segment before the active one lasted long enough, or the active one has. */
    boolean isCalm(long nowNs) {
        boolean hasLasted = nowNs - activeSinceNs >= calmNs(activeBytes);
        if (takenBytes > 0) {
            isCalm = hasLasted;
            activeSinceNs = nowNs;
            activeBytes = takenBytes;
            takenBytes = 0;
        } else if (hasLasted) {
            isCalm = true;
        }
        return isCalm;
    }

    private static long calmNs(long bytes) {
        return bytes * 1_000 / CALM_BYTES_A_SECOND * 1_000_000;
    }
}
