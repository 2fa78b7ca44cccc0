package org.sluice.store;

/**
 * The engine behind the {@link AsyncFile}s of one thread: it holds what is in flight and hands out
 * completions. io_uring makes it a ring; the portable backend does the work inside {@link #poll}.
 *
 * <p><b>Thread.</b> Created, used and closed on one thread (a ring may belong to a thread).
 */
public interface AsyncIo extends AutoCloseable {

    /** The backend this engine is. */
    Backend backend();

    /** Positions, offsets and lengths of operations are multiples of this; a power of two. */
    int alignBytes();

    /** Operations that may be in flight at once. */
    int capacity();

    /** Operations submitted whose completion was not yet handed out. */
    int inFlight();

    /**
     * Opens an existing file of the directory this engine was made for.
     *
     * @throws AppendException NOT_FOUND, ACCESS_DENIED, IO
     */
    AsyncFile open(String name);

    /**
     * Passes submissions on to the kernel and hands out what has completed, without waiting.
     *
     * @return the completions handed out
     * @throws AppendException if the engine itself is broken; then nothing in flight can be trusted
     */
    int poll(CompletionHandler handler);

    /**
     * As {@link #poll}, but when something is in flight and nothing has completed, waits for a
     * completion for at most {@code timeoutNs}. May return earlier.
     *
     * @return the completions handed out, perhaps 0
     * @throws AppendException as {@link #poll} does
     */
    int await(CompletionHandler handler, long timeoutNs);

    /**
     * Waits until nothing is in flight, dropping the completions, closes what files are still open,
     * then releases the engine. After it every call but this one is an {@link
     * IllegalStateException}.
     */
    @Override
    void close();
}
