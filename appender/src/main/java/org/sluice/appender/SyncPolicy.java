package org.sluice.appender;

import java.time.Duration;

/**
 * When a log syncs unasked. Whatever the policy, but for {@link #NEVER}, {@code awaitDurable} and
 * {@code sync()} sync. Immutable.
 */
public final class SyncPolicy {
    /** Only when someone waits or listens, at a roll and at close: the default. */
    public static final SyncPolicy ON_DEMAND = new SyncPolicy(Kind.ON_DEMAND, Long.MAX_VALUE);

    /**
     * A sync follows whatever is written, one after the other; one covers all batches written
     * before it. {@code append} and {@code awaitWritten} do not wait for it, and readers see
     * entries before it: {@code awaitDurable}, {@code sync()} and {@code onDurable} tell.
     */
    public static final SyncPolicy EVERY_BATCH = new SyncPolicy(Kind.EVERY_BATCH, 0);

    /**
     * The writer never syncs, and nothing ever counts as durable: a crash of the host may lose or
     * tear anything. {@code awaitDurable} and {@code sync()} throw at once. (A finished segment is
     * synced when it is sealed, off the writer thread, and the last one in {@code close}.)
     */
    public static final SyncPolicy NEVER = new SyncPolicy(Kind.NEVER, Long.MAX_VALUE);

    enum Kind {
        ON_DEMAND,
        EVERY_BATCH,
        INTERVAL,
        NEVER
    }

    private final Kind kind;
    private final long intervalNs;

    private SyncPolicy(Kind kind, long intervalNs) {
        this.kind = kind;
        this.intervalNs = intervalNs;
    }

    /**
     * On demand, and else when this long has passed since the last sync and something was written.
     *
     * @throws IllegalArgumentException if {@code interval} is not positive, or above 292 years
     */
    public static SyncPolicy interval(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("sync interval must be positive: " + interval);
        }
        ConfigLimits.checkDuration("sync interval", interval);
        return new SyncPolicy(Kind.INTERVAL, interval.toNanos());
    }

    Kind kind() {
        return kind;
    }

    long intervalNs() {
        return intervalNs;
    }

    @Override
    public String toString() {
        return kind == Kind.INTERVAL
                ? "interval(" + Duration.ofNanos(intervalNs) + ")"
                : kind.name();
    }
}
