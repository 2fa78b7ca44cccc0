package org.sluice.ring;

import org.sluice.store.Preallocation;
import org.sluice.store.StoreFile;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The kinds of files a log may find itself writing to, and what all measurements on them share. */
enum PreparedSegment {
    /** Zeros were written past the cache. */
    ZERO,
    /** Holds what an older segment held. */
    RECYCLED,
    /** Blocks were reserved by fallocate(2), but never written. */
    RESERVED,
    /** Has its size, and no blocks. */
    SPARSE;

    static final String NAME = "measure.spare";
    static final long SEGMENT_BYTES = 128L << 20;
    static final int ROUNDS = Integer.getInteger("sluice.measure.rounds", 5);
    static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int OLD_BYTES = 1 << 20;

    /** Where to measure: what the system property names, or else {@code temporary}. */
    static Path directory(Path temporary) {
        return Path.of(System.getProperty("sluice.measure.dir", temporary.toString()));
    }

    static UringStorage open(Path directory, UringOptions options) {
        return UringStorage.open(
                directory, StorePermissions.DEFAULT, options, UringProbe.probe(directory));
    }

    /** Makes such a file, synced and out of the cache. */
    void prepare(UringStorage storage) {
        try (StoreFile file = storage.directory().create(NAME)) {
            switch (this) {
                case ZERO -> file.allocate(SEGMENT_BYTES, Preallocation.ZERO);
                case RECYCLED -> writeOld(file);
                case RESERVED -> file.allocate(SEGMENT_BYTES, Preallocation.RESERVE);
                case SPARSE -> file.allocate(SEGMENT_BYTES, Preallocation.SPARSE);
            }
            file.sync();
            file.uncache();
        }
        storage.directory().sync();
    }

    private static void writeOld(StoreFile file) {
        byte[] bytes = new byte[OLD_BYTES];
        new Random(3).nextBytes(bytes);
        ByteBuffer old = ByteBuffer.allocateDirect(OLD_BYTES).put(bytes);
        for (long at = 0; at < SEGMENT_BYTES; at += OLD_BYTES) {
            file.write(old.rewind(), at);
        }
    }

    static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** CPU time of this process's io_uring workers so far. */
    static long workerNs() throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                sum += workerNs(task);
            }
        }
        return sum;
    }

    private static long workerNs(Path task) throws IOException {
        try {
            if (Files.readString(task.resolve("comm")).startsWith("iou-wrk")) {
                String schedule = Files.readString(task.resolve("schedstat"));
                return Long.parseLong(schedule.substring(0, schedule.indexOf(' ')));
            }
        } catch (NoSuchFileException e) {
            // It ended between the listing and the look.
            assert Files.notExists(task.resolve("comm")) : task;
        }
        return 0;
    }
}
