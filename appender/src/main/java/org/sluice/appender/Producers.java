package org.sluice.appender;

/** How many threads append and claim. */
public enum Producers {
    /**
     * Any number of threads, each with any number of open claims. The default.
     *
     * <p>What is appended behind an open claim waits for it, as do {@code close} and {@code
     * truncateAfter}, up to {@code closeTimeout}.
     */
    MULTI,
    /**
     * One thread at a time, handed over safely by the caller; saves an atomic instruction an entry.
     * A listener that appends is a second thread. {@code close} and {@code truncateAfter} must come
     * from that one thread, or after it has stopped appending.
     *
     * <p>One {@linkplain EntryClaim claim} at a time, too: until it is committed or aborted every
     * {@code append}, {@code tryAppend}, {@code claim} and {@code tryClaim} throws {@link
     * IllegalStateException} and does nothing. An open claim does not count yet: {@code nextIndex}
     * is its own index, {@code sync} does not wait for it, and {@code close} and {@code
     * truncateAfter} give it up, so that its commit has no effect any more.
     */
    SINGLE
}
