package org.sluice.cli;

/** How much {@code demo} does. */
record DemoSettings(int threads, int seconds, int ordersPerSecond) {}
