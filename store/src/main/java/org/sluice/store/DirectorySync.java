package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** fsync(2) of a directory, which makes the names in it durable. */
final class DirectorySync {
    private DirectorySync() {}

    /** Syncs the names of {@code directory}. */
    static void force(Path directory) throws IOException {
        Uninterrupted.call(
                () -> {
                    try (FileChannel channel =
                            FileChannel.open(directory, StandardOpenOption.READ)) {
                        channel.force(true);
                    }
                    return null;
                });
    }

    /** Tries it. Nothing depends on the result yet, so a failure means that the platform can't. */
    static Capabilities.Support probe(Path directory) {
        try {
            force(directory);
            return Capabilities.Support.yes();
        } catch (IOException e) {
            return Capabilities.Support.no(
                    "a directory can't be synced here: " + e,
                    "use a local filesystem of a POSIX system");
        }
    }
}
