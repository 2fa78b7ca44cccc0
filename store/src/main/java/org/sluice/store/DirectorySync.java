package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * fsync(2) of a directory, which makes the names in it durable.
 *
 * <p>Design note: whether it can be done is known from the platform and not found by trying. A
 * failure tells too little to be called "this platform can't": an I/O error or a lack of
 * descriptors would pass for it, and a sync that fails takes its error with it, so that the next
 * one, which matters, may succeed without proving anything.
 */
final class DirectorySync {
    private DirectorySync() {}

    /**
     * Syncs the names of {@code directory}.
     *
     * @throws AppendException EMFILE if it could not be opened for lack of a descriptor: then
     *     nothing was done, and a later try proves as much as this one would have
     */
    static void force(Path directory) throws IOException {
        Uninterrupted.call(
                () -> {
                    try (FileChannel channel = open(directory)) {
                        channel.force(true);
                    }
                    return null;
                });
    }

    private static FileChannel open(Path directory) throws IOException {
        return Descriptors.open(
                "sync", directory, () -> FileChannel.open(directory, StandardOpenOption.READ));
    }

    /** Whether directories can be synced: the JDK can open one as a file on POSIX systems only. */
    static Capabilities.Support supportAt(Path directory) {
        return StorePermissions.supportedAt(directory)
                ? Capabilities.Support.yes()
                : Capabilities.Support.no(
                        "a directory can't be synced on this operating system",
                        "use a local filesystem of a POSIX system");
    }
}
