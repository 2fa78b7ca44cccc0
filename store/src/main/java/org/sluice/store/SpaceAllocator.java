package org.sluice.store;

import java.nio.file.Path;

/**
 * What the JDK can't do about a file's blocks and a backend may bring along: reserve them as
 * fallocate(2) does, fill them past the page cache, and empty that cache.
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

    /**
     * Writes zeros to the existing {@code file} from {@code position} up to {@code bytes}, without
     * leaving them in the page cache: there they would be in the way of O_DIRECT.
     *
     * @return false if this filesystem can't; then the caller writes them
     * @throws AppendException with code DISK_FULL if there is no space, or another for other errors
     */
    default boolean zero(Path file, long position, long bytes) {
        return false;
    }

    /** Takes what is synced of {@code file} out of the page cache, where that can be asked for. */
    default void uncache(Path file) {}
}
