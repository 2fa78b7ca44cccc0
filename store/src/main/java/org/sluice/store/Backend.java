package org.sluice.store;

/**
 * Which machinery carries bytes to the disk.
 *
 * <p>A caller asks for one of these; a log's, an engine's or a file's {@code backend()} tells which
 * one runs, and is never {@link #AUTO}.
 */
public enum Backend {
    /** io_uring where it can run, otherwise {@link #CHANNEL}, with the reason told once. */
    AUTO,
    /**
     * Linux io_uring through liburing. Asked for where it cannot run, opening fails and says why.
     */
    URING,
    /** {@link java.nio.channels.FileChannel}, on any operating system. */
    CHANNEL
}
