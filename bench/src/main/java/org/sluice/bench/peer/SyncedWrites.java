package org.sluice.bench.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** How long a synced write of 4 KiB takes in a directory, over blocks that were written before. */
final class SyncedWrites {
    private static final int BYTES = 4_096;
    private static final int WRITES = 250;

    private final Path directory;

    SyncedWrites(Path directory) {
        this.directory = directory;
    }

    /** Measures, and leaves nothing behind. */
    int medianNs() throws IOException {
        Path file = directory.resolve("synced.tmp");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            write(channel);
            long[] ns = write(channel);
            Arrays.sort(ns);
            return Math.toIntExact(Math.min(ns[WRITES / 2], Integer.MAX_VALUE));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static long[] write(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);
        long[] ns = new long[WRITES];
        for (int i = 0; i < WRITES; i++) {
            long startNs = System.nanoTime();
            channel.write(bytes.clear(), (long) i * BYTES);
            channel.force(false);
            ns[i] = System.nanoTime() - startNs;
        }
        return ns;
    }
}
