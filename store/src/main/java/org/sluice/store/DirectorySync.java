package org.sluice.store;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** fsync(2) of a directory, which makes the names in it durable. */
final class DirectorySync {
    private DirectorySync() {}

    /**
     * Syncs the names of {@code directory}; an interrupt during the call leaves the result unknown.
     */
    static void force(Path directory) throws IOException {
        // An interrupt from before would only close the channel without need.
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Tries it. Nothing depends on the result yet, so a failure means that the platform can't. */
    static Capabilities.Support probe(Path directory) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    force(directory);
                    return Capabilities.Support.yes();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                } catch (IOException e) {
                    return Capabilities.Support.no(
                            "a directory can't be synced here: " + e,
                            "use a local filesystem of a POSIX system");
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
