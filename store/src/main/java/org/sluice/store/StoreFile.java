package org.sluice.store;

import java.nio.ByteBuffer;

/**
 * A file used now and then, where waiting is fine: headers, recovery, preparation, readers. Any one
 * thread at a time. Failures are {@link AppendException}s that name the file.
 */
public interface StoreFile extends AutoCloseable {

    /**
     * Reads at {@code position} until {@code target} is full, the file ends, or a place comes that
     * can't be read.
     *
     * @return bytes read, 0 only at or beyond the end of file
     * @throws AppendException if not even the first byte can be read; see {@link
     *     FileFaults#isUnreadable}
     */
    int read(ByteBuffer target, long position);

    /** Writes all that remains of {@code source} at {@code position}. */
    void write(ByteBuffer source, long position);

    /** Sets the size to {@code bytes} if the file is longer. */
    void truncate(long bytes);

    /** Makes the file at least {@code bytes} long, in the way asked for; new bytes read as zero. */
    void allocate(long bytes, Preallocation how);

    /** Makes data and size durable (fsync(2)). */
    void sync();

    /**
     * Says that the file will be written past the operating system's cache from now on, so that
     * what is cached of it would only be in the way. Changes nothing of what the file holds.
     */
    default void uncache() {}

    /** The file's size in bytes. */
    long size();

    @Override
    void close();
}
