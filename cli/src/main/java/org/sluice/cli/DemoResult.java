package org.sluice.cli;

import org.sluice.appender.LogStats;

/**
 * What {@code demo} journaled.
 *
 * @param durationNs until all of it was durable
 */
record DemoResult(long orders, long bytes, long durationNs, LogStats stats) {}
