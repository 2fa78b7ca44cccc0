package org.sluice.store;

import java.util.Arrays;

/** What a log asks of a {@link SimulatedDisk}, and what can therefore go wrong. */
public enum DiskCall {
    // Submissions to an engine, answered by completions.
    SUBMITTED_WRITE(true),
    SUBMITTED_READ(false),
    SUBMITTED_SYNC(true),
    // Calls that wait.
    OPEN(false),
    READ(false),
    WRITE(true),
    TRUNCATE(true),
    ALLOCATE(true),
    SYNC(true),
    CREATE(true),
    RENAME(true),
    DELETE(true),
    LIST(false),
    SYNC_DIRECTORY(true);

    private static final int[] ERRNOS = {Errno.EIO, Errno.EINTR, Errno.EAGAIN, Errno.ENOSPC};

    private final boolean isChange;

    DiskCall(boolean isChange) {
        this.isChange = isChange;
    }

    /** The errors it may be answered with; only what changes something can lack space. */
    public int[] errnos() {
        int[] errnos = ERRNOS.clone();
        return isChange ? errnos : Arrays.copyOf(errnos, errnos.length - 1);
    }

    /**
     * Whether lack of space is an answer that the log lives with, so that it must not fail by it.
     */
    public boolean outlivesDiskFull() {
        return switch (this) {
            case SUBMITTED_WRITE, CREATE, ALLOCATE, WRITE, RENAME, DELETE, SYNC_DIRECTORY -> true;
            default -> false;
        };
    }
}
