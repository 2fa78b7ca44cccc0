package org.sluice.store;

/**
 * What searches for batches in one log may still cost, in bytes passed over or checked for nothing.
 * Crashes and damage leave few holes and false headers that rarely overlap, so that a few passes
 * over the log are plenty; without a limit for all searches together, a forged log makes every hole
 * and every header as dear as the whole log. One thread.
 */
public final class SearchBudget {
    private static final long PASSES = 8;
    private static final long BYTES_MIN = 4L * SegmentDescriptor.BATCH_BYTES_MAX;

    private long bytesLeft;

    /**
     * @param logBytes size of all files that are searched
     */
    public SearchBudget(long logBytes) {
        bytesLeft = BYTES_MIN + PASSES * Math.clamp(logBytes, 0, Long.MAX_VALUE / 2 / PASSES);
    }

    /** Takes {@code bytes} off; false if that is more than was left. */
    public boolean spend(long bytes) {
        bytesLeft -= bytes;
        return bytesLeft >= 0;
    }
}
