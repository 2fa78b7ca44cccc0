package org.sluice.store;

/** How a segment is given its size before the first entry is written to it. */
public enum Preallocation {
    /**
     * What suits the backend best, {@link #RESERVE} or {@link #SPARSE}; blocks are marked written
     * many at a time, with the batches of a log that has time to spare.
     */
    AUTO,
    /** Size only: the file is sparse, blocks come with the writes, and so may "disk full". */
    SPARSE,
    /**
     * fallocate(2): blocks are reserved, so the disk can't fill up under a write, but the first
     * write to each still has to mark it written. Where the platform lacks it, as {@link #ZERO}.
     */
    RESERVE,
    /** Zeros are written ahead: costs the bandwidth twice, gives the cheapest durable appends. */
    ZERO
}
