package org.sluice.appender;

/**
 * What callers see while the disk is full. Either way nothing acknowledged is lost, and what was
 * accepted is written by itself once there is space, unless the log is closed before.
 */
public enum DiskFull {
    /** Appends and waits throw {@code DISK_FULL}. The default: a full disk is noticed. */
    FAIL,
    /** Appends are accepted while there are free slots, then treated as back-pressure. */
    WAIT
}
