package org.sluice.bench.micro;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.DirectIo;
import org.sluice.store.Backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A log for one benchmark, in a directory that goes with it: below the system property {@code
 * sluice.bench.dir}, else below {@code data}. It keeps 1 GiB, so that a long run recycles segments
 * instead of filling the disk.
 */
final class LogFixture implements AutoCloseable {
    private static final long RETENTION_BYTES = 1L << 30;
    private static final int SLOT_BYTES_MIN = 8;
    private static final int SLAB_BYTES = 32 << 20;

    private final Path directory;
    private final AppendLog log;

    /** For a benchmark that is ended in the middle. */
    private final Thread hook = Thread.ofPlatform().unstarted(this::clear);

    /** {@code backend} is uring, channel, channel-direct or auto. */
    LogFixture(String backend, int entryBytes) {
        try {
            Path parent = Path.of(System.getProperty("sluice.bench.dir", "data"));
            Files.createDirectories(parent);
            directory = Files.createTempDirectory(parent, "micro");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int slotBytes = Math.max(SLOT_BYTES_MIN, entryBytes);
        log =
                AppendLog.open(
                        directory.resolve("log"),
                        AppendLogConfig.builder()
                                .backend(backendOf(backend))
                                .direct(
                                        backend.equals("channel-direct")
                                                ? DirectIo.ON
                                                : DirectIo.AUTO)
                                .slotBytes(slotBytes)
                                .slotCount(
                                        Math.min(
                                                16_384,
                                                Integer.highestOneBit(SLAB_BYTES / slotBytes)))
                                .retentionBytes(RETENTION_BYTES)
                                .build());
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A log with {@code entries} durable entries, all of {@code entryBytes} bytes. */
    static LogFixture filled(int entryBytes, int entries) {
        LogFixture fixture = new LogFixture("auto", entryBytes);
        UnsafeBuffer entry = new UnsafeBuffer(new byte[entryBytes]);
        for (int i = 0; i < entries; i++) {
            fixture.log.append(entry, 0, entryBytes);
        }
        fixture.log.sync();
        return fixture;
    }

    private static Backend backendOf(String name) {
        return switch (name) {
            case "uring" -> Backend.URING;
            case "channel", "channel-direct" -> Backend.CHANNEL;
            case "auto" -> Backend.AUTO;
            default -> throw new IllegalArgumentException("no such backend: " + name);
        };
    }

    AppendLog log() {
        return log;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Then it does its work now.
            return;
        }
        clear();
    }

    private void clear() {
        log.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
