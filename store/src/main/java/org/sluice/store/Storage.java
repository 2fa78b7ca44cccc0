package org.sluice.store;

/**
 * All that a log needs of a disk: the directory for what is rare, engines for what is not. One
 * implementation per backend, and one simulated in tests. Any thread; what {@link #openIo} makes
 * belongs to the thread that called it.
 */
public interface Storage {

    /** The backend, never {@link Backend#AUTO}. */
    Backend backend();

    /** What this platform and directory can do. */
    Capabilities capabilities();

    /** The log's directory. */
    StoreDirectory directory();

    /** What {@link Preallocation#AUTO} stands for here. */
    Preallocation preferredPreallocation();

    /** Positions, offsets and lengths of operations are multiples of this; a power of two. */
    int alignBytes();

    /**
     * Makes an engine for the calling thread.
     *
     * @param pool the only blocks its files will be given; they may be registered with the kernel
     * @param capacity operations that may be in flight at once
     * @throws AppendException UNSUPPORTED, IO
     */
    AsyncIo openIo(AlignedBlockPool pool, int capacity);
}
