package org.sluice.appender;

/**
 * What callers see while the disk is full. Either way nothing accepted is lost, and writing goes on
 * by itself once there is space.
 */
public enum DiskFull {
    /** Appends and waits throw {@code DISK_FULL}. The default: a full disk is noticed. */
    FAIL,
    /** Appends are accepted while there are free slots, then treated as back-pressure. */
    WAIT
}
