package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.sluice.ring.UringProbe;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What tests of a whole log share: a backend, a directory, a small configuration. */
@EachBackend
abstract class LogFixture {
    static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_AGAIN_NS = 50_000;

    @Parameter Backend backend;

    @TempDir Path temp;

    @BeforeEach
    void requireBackend() {
        require(backend);
    }

    /** Skips the test, or fails it where io_uring is required, if the backend can't run. */
    static void require(Backend backend) {
        if (backend != Backend.URING) {
            return;
        }
        Support support = UringProbe.probe(null).features().get(Feature.IO_URING);
        if (!support.available() && Boolean.getBoolean(AsyncFileContractTest.REQUIRE_URING)) {
            fail("io_uring is required, but: " + support.reason());
        }
        if (!support.available()) {
            abort(support.reason());
        }
    }

    Path directory() {
        return temp.resolve("log");
    }

    /** Small enough that a test makes many segments, batches and turns of the ring of slots. */
    AppendLogConfig.Builder config() {
        return AppendLogConfig.builder()
                .backend(backend)
                .slotCount(256)
                .slotBytes(64)
                .maxEntryBytes(16 * 1024)
                .overflowCount(4)
                .blockBytes(32 * 1024)
                .blockCount(4)
                .segmentBytes(1024 * 1024)
                .closeTimeout(Duration.ofSeconds(20));
    }

    /** The smallest segments there are: a few hundred entries make many. */
    AppendLogConfig.Builder smallSegments() {
        return config().segmentBytes(64 * 1024).blockBytes(8 * 1024).maxEntryBytes(4_000);
    }

    AppendLog open() {
        return open(config());
    }

    AppendLog open(AppendLogConfig.Builder config) {
        return AppendLog.open(directory(), config.build());
    }

    /** The storage a log would get, with a probe around it; its directory exists. */
    ProbedStorage probe(AppendLogConfig config) {
        org.sluice.store.LogDirectoryLayout.prepareForWriting(
                directory(), StorePermissions.DEFAULT);
        return new ProbedStorage(
                StorageSelector.select(directory(), config, StorePermissions.DEFAULT).storage());
    }

    /** Opens a log whose disk is {@code storage}. */
    static AppendLog open(ProbedStorage storage, AppendLogConfig.Builder config) {
        return open(storage, config, () -> {});
    }

    /** As above; {@code unlock} runs when the directory is free again. */
    static AppendLog open(ProbedStorage storage, AppendLogConfig.Builder config, Runnable unlock) {
        return AppendLog.open(
                new StorageSelector.Selection(storage, "a test asks for it"),
                config.build(),
                DutyThread.THREADS,
                unlock);
    }

    /** How many files of segments there are, those made ready included. */
    int segmentFiles() {
        try (Stream<Path> files = Files.list(directory())) {
            return (int) files.filter(file -> file.toString().endsWith(".seg")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything in the log, by a reader of another process. */
    List<Entry> readAll() {
        try (LogReader reader = LogReader.open(directory())) {
            return drain(reader);
        }
    }

    /** What {@code reader} has still to offer. */
    static List<Entry> drain(LogReader reader) {
        List<Entry> entries = new ArrayList<>();
        int count;
        do {
            count =
                    reader.poll(
                            (buffer, offset, length, index, timestampNs) -> {
                                byte[] bytes = new byte[length];
                                buffer.getBytes(offset, bytes);
                                entries.add(new Entry(index, bytes));
                            },
                            Integer.MAX_VALUE);
        } while (count > 0);
        return entries;
    }

    /** Waits for something that another thread will bring about. */
    static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                fail("still not, after 30 s: " + what);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
    }

    static AppendException assertFails(AppendException.Code code, Executable executable) {
        AppendException thrown = assertThrows(AppendException.class, executable);
        assertEquals(code, thrown.code(), thrown.getMessage());
        return thrown;
    }
}
