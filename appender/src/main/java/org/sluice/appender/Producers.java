package org.sluice.appender;

/** How many threads append. */
public enum Producers {
    /** Any number of threads. The default. */
    MULTI,
    /**
     * One thread at a time, handed over safely by the caller; saves an atomic instruction an entry.
     * {@code close} must come from that thread, or after it has stopped appending.
     */
    SINGLE
}
