package org.sluice.store;

/**
 * One file that is written and read without waiting: operations are submitted here and their
 * results are collected by {@link AsyncIo#poll}.
 *
 * <p><b>Thread.</b> All methods, and the {@link AsyncIo} it came from, belong to the one thread
 * that opened it.
 *
 * <p><b>Buffers.</b> From a submission that returned {@code true} until its completion the bytes
 * named belong to the file: they must be neither changed nor freed. A submission that returned
 * {@code false} changed nothing.
 *
 * <p><b>Order.</b> There is none. Submissions may reach the disk, and complete, in any order; a
 * {@link #sync} covers only writes whose completion was polled before it was submitted.
 *
 * <p><b>Alignment.</b> Positions, offsets and lengths, of reads too, are multiples of {@link
 * AsyncIo#alignBytes()}, as O_DIRECT asks for; anything else is an {@link
 * IllegalArgumentException}.
 */
public interface AsyncFile extends AutoCloseable {

    /** How far a write has to be when its completion is reported. */
    enum Reach {
        /** The bytes are with the operating system; a later {@link #sync} makes them durable. */
        WRITTEN,
        /** The bytes, and whatever is needed to find them again, are on the device (O_DSYNC). */
        DURABLE
    }

    /**
     * Submits a write of {@code length} bytes of {@code block}, from {@code offset}, to {@code
     * position} of the file.
     *
     * @param tag handed back with the completion
     * @return false if {@link AsyncIo#capacity()} operations are in flight already
     */
    boolean writeAt(
            long position, AlignedBlock block, int offset, int length, Reach reach, long tag);

    /**
     * As {@link #writeAt} with {@link Reach#WRITTEN}, for when a thread waits for it: a backend may
     * carry it out before this returns, where that ends sooner.
     */
    default boolean writeAwaited(
            long position, AlignedBlock block, int offset, int length, long tag) {
        return writeAt(position, block, offset, length, Reach.WRITTEN, tag);
    }

    /**
     * Submits a read of up to {@code length} bytes at {@code position} into {@code block}, from
     * {@code offset}. The completion tells how many bytes came; fewer than asked only at the end of
     * file.
     *
     * @return false if {@link AsyncIo#capacity()} operations are in flight already
     */
    boolean readAt(long position, AlignedBlock block, int offset, int length, long tag);

    /**
     * Submits a data sync (fdatasync(2)): writes completed before this call are durable when it
     * completes with 0. After any other result the file's state is unknown for good: a later sync
     * that succeeds proves nothing.
     *
     * @return false if {@link AsyncIo#capacity()} operations are in flight already
     */
    boolean sync(long tag);

    /**
     * As {@link #sync}, for when nobody waits for it: a backend that can lets the engine's thread
     * go on meanwhile, even where that makes the sync itself take longer.
     */
    default boolean syncBehind(long tag) {
        return sync(tag);
    }

    /** The file's size in bytes. */
    long size();

    /** The backend that carries this file's operations. */
    Backend backend();

    /**
     * Closes the file. After it every submission is an {@link IllegalStateException}.
     *
     * @throws IllegalStateException if an operation of this file is in flight
     */
    @Override
    void close();
}
