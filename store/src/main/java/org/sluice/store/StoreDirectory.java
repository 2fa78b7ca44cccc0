package org.sluice.store;

import java.nio.file.Path;
import java.util.List;

/**
 * The directory of one log, as plain named files. Calls may wait for the disk and may come from any
 * thread. Failures are {@link AppendException}s that name the file.
 */
public interface StoreDirectory {

    /** Where it is, for messages. */
    Path path();

    /** The names in it, sorted. */
    List<String> list();

    /** Creates a file that must not exist, of size 0, readable and writable. */
    StoreFile create(String name);

    /** Opens an existing file for reading and writing. */
    StoreFile openForWriting(String name);

    /** Opens an existing file for reading only; nothing is created, locked or changed. */
    StoreFile openForReading(String name);

    /** Renames within the directory, replacing {@code target}; durable only after {@link #sync}. */
    void rename(String source, String target);

    /** Removes a file; durable only after {@link #sync}. */
    void delete(String name);

    /** Makes creations, renames and deletions durable; does nothing where the platform can't. */
    void sync();

    /** Bytes that could still be written here; {@link Long#MAX_VALUE} where nobody can tell. */
    long usableBytes();
}
