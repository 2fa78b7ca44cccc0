package org.sluice.store;

import java.nio.file.Path;

/**
 * Reserves disk blocks for a file, as fallocate(2) does: the one thing about files that the JDK
 * can't do and a backend may bring along.
 */
@FunctionalInterface
public interface SpaceAllocator {

    /** For platforms without: everything is written instead. */
    SpaceAllocator NONE = (file, bytes) -> false;

    /**
     * Gives the existing {@code file} blocks for its first {@code bytes} bytes and at least that
     * size. What it holds stays; new bytes read as zero.
     *
     * @return false if this filesystem can't, and nothing has changed
     * @throws AppendException with code DISK_FULL if there is no space, or another for other errors
     */
    boolean reserve(Path file, long bytes);
}
