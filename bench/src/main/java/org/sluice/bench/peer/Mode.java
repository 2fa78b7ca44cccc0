package org.sluice.bench.peer;

import java.util.Locale;

/** What a run asks of a candidate. */
public enum Mode {
    /** Append, then make all of it durable; the clock stops when it is. */
    THROUGHPUT,
    /** Each producer waits until its entry is durable before the next. */
    DURABLE,
    /** Producers go on while at most a window of entries is not acknowledged as durable. */
    ASYNC_DURABLE,
    /** Entries at a fixed rate; latency counts from the time an entry was due. */
    PACED,
    /** A log with nothing to do, then single entries at random times, each waited for. */
    IDLE,
    /** Read everything from the first entry to the last. */
    REPLAY,
    /** Read single entries anywhere. */
    RANDOM_READ;

    /** The name the command line uses. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether producers wait for their entries to be durable. */
    public boolean waits() {
        return this == DURABLE || this == IDLE;
    }

    /** Whether the measured part reads. */
    public boolean reads() {
        return this == REPLAY || this == RANDOM_READ;
    }
}
