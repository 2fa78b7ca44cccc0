package org.sluice.bench.peer;

import java.io.IOException;

/** One thread's way into a {@link Peer}. A ticket is what {@link #append} returns: it rises. */
public interface Appender {
    /** This position is not known to the candidate. */
    long UNKNOWN = Long.MIN_VALUE;

    /** Appends a copy of the entry; returns its ticket. */
    long append(EntryPattern entry) throws IOException;

    /** Waits until the entry of {@code ticket} is durable. */
    void awaitDurable(long ticket) throws IOException;

    /**
     * Waits until the operating system has the entry of {@code ticket}.
     *
     * @return false, at once, if the candidate can't
     */
    default boolean awaitWritten(long ticket) {
        return false;
    }

    /**
     * When the thread that writes woke up to take up what was appended last, as {@link
     * System#nanoTime} told it, or {@link #UNKNOWN}. Earlier than the append if it was awake. For
     * one who waits for each entry.
     */
    default long wokenNs() {
        return UNKNOWN;
    }

    /** As {@link #wokenNs}, when it had taken it up. */
    default long takenUpNs() {
        return UNKNOWN;
    }

    /** The highest ticket that the operating system has, or {@link #UNKNOWN}. Never waits. */
    default long written() {
        return UNKNOWN;
    }

    /** The highest ticket that is durable, or {@link #UNKNOWN}. Never waits. */
    default long durable() {
        return UNKNOWN;
    }
}
