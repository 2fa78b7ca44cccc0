package org.sluice.appender;

import java.time.Duration;

/**
 * When a log syncs unasked. Whatever the policy, but for {@link #NEVER}, {@code awaitDurable} and
 * {@code sync()} sync. Immutable.
 */
public final class SyncPolicy {
    /** Only when someone waits or listens, at a roll and at close: the default. */
    public static final SyncPolicy ON_DEMAND = new SyncPolicy(Kind.ON_DEMAND, Long.MAX_VALUE);

    /** Every batch is on the device before its completion counts. */
    public static final SyncPolicy EVERY_BATCH = new SyncPolicy(Kind.EVERY_BATCH, 0);

    /**
     * Not even at a roll and at close: a crash of the host may lose or tear anything. {@code
     * awaitDurable} and {@code sync()} throw at once.
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
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    public static SyncPolicy interval(Duration interval) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("sync interval must be positive: " + interval);
        }
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
