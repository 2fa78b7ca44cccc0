package org.sluice.cli;

import java.util.concurrent.TimeUnit;

/** How much {@code demo} does. */
record DemoSettings(int threads, int seconds, int ordersPerSecond) {
    private static final int WARM_UP_SHARE = 3;

    /** At first the JVM compiles more than it appends: a second, or a third of the whole. */
    long warmUpNs() {
        return TimeUnit.SECONDS.toNanos(Math.min(seconds, WARM_UP_SHARE)) / WARM_UP_SHARE;
    }
}
