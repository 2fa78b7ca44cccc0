package org.sluice.appender;

/** Whether writes bypass the page cache (O_DIRECT). */
public enum DirectIo {
    /** Where it pays: with io_uring, if the directory allows it. The default. */
    AUTO,
    /** Yes; opening fails with the reason if the directory does not allow it. */
    ON,
    /** No: the kernel caches and writes back. */
    OFF
}
