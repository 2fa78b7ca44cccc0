package org.sluice.appender;

/**
 * What {@code append} and {@code claim} do when every slot, or every buffer for longer entries, is
 * taken because the disk is slower than the producers.
 */
public enum BackPressure {
    /** Waits for a slot: nothing is lost. The default. */
    BLOCK,
    /** Throws {@code BACK_PRESSURED}: the caller decides. */
    FAIL,
    /**
     * Drops the entry, returns {@link AppendLog#BACK_PRESSURED} and counts it in the statistics.
     */
    DROP
}
