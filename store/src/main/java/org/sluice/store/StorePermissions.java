package org.sluice.store;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Who may touch a log: what its files and its directory are created with. Things that exist already
 * keep what they have. Where the filesystem has no POSIX permissions nothing is set.
 *
 * @param file permissions of files
 * @param directory permissions of the directory
 */
public record StorePermissions(Set<PosixFilePermission> file, Set<PosixFilePermission> directory) {

    /** Only the owner: 0600 and 0700. */
    public static final StorePermissions DEFAULT =
            new StorePermissions(
                    PosixFilePermissions.fromString("rw-------"),
                    PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<?>[] NONE = {};

    /** Copies the sets. */
    public StorePermissions {
        file = Set.copyOf(file);
        directory = Set.copyOf(directory);
    }

    /** Whether files at {@code path} can have such permissions at all. */
    static boolean supportedAt(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** The attributes to create something at {@code path} with. */
    public static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
        return supportedAt(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : NONE;
    }
}
