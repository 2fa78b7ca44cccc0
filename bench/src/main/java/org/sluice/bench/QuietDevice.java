package org.sluice.bench;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for what a filesystem still does about files that are gone: freeing their blocks with its
 * next commit, and discarding them behind that. On Linux; elsewhere it does not wait.
 */
final class QuietDevice {
    /** Fields of a line: Documentation/admin-guide/iostats.rst of the kernel. */
    private static final Path STATS = Path.of("/proc/diskstats");

    private static final int IN_FLIGHT_FIELD = 11;
    private static final int QUIET_LOOKS = 20;
    private static final long LOOK_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long GIVE_UP_NS = TimeUnit.SECONDS.toNanos(5);

    private QuietDevice() {}

    /** Until no device has had anything to do for 0.2 s, or 5 s are over. */
    static void await(Path directory) throws IOException {
        if (!Files.isReadable(STATS)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
        long startNs = System.nanoTime();
        for (int quiet = 0; quiet < QUIET_LOOKS && System.nanoTime() - startNs < GIVE_UP_NS; ) {
            quiet = inFlight(Files.readString(STATS)) == 0 ? quiet + 1 : 0;
            LockSupport.parkNanos(LOOK_EVERY_NS);
        }
    }

    /** Requests in flight on all devices. */
    static long inFlight(String stats) {
        return stats.lines()
                .map(line -> line.trim().split(" +"))
                .filter(fields -> fields.length > IN_FLIGHT_FIELD)
                .mapToLong(fields -> Long.parseLong(fields[IN_FLIGHT_FIELD]))
                .sum();
    }
}
