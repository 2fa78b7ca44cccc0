package org.sluice.bench.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.ring.UringProbe;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities.Feature;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What is left behind is seen. */
@EnabledOnOs(OS.LINUX)
class FootprintTest {
    private static final long SEGMENT_BYTES = 4096;

    @TempDir private Path directory;

    private List<String> exceeded(Footprint before) {
        return new Comparison(before, Footprint.take(directory), SEGMENT_BYTES).exceeded();
    }

    @Test
    void openFileShouldBeSeen() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Footprint before = Footprint.take(directory);

        try (var open = Files.newByteChannel(file)) {
            assertTrue(open.isOpen());
            assertEquals(List.of("open file descriptors"), exceeded(before));
        }

        assertEquals(List.of(), exceeded(before));
    }

    @Test
    void threadShouldBeSeen() throws InterruptedException {
        Footprint before = Footprint.take(directory);
        CountDownLatch end = new CountDownLatch(1);
        Thread thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        end.await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });

        assertTrue(exceeded(before).contains("threads"));
        end.countDown();
        thread.join();
    }

    @Test
    void memoryOffTheHeapShouldBeSeen() {
        Footprint before = Footprint.take(directory);
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);

        try {
            assertTrue(exceeded(before).contains("buffers off the heap"));
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    @Test
    void filesShouldBeSeen() throws IOException {
        Footprint before = Footprint.take(directory);
        for (int i = 0; i < 3; i++) {
            Files.write(directory.resolve("file" + i), new byte[4096]);
        }

        List<String> exceeded = exceeded(before);
        assertTrue(exceeded.contains("files of the log"));
        assertTrue(exceeded.contains("files of the log, bytes"));
    }

    /** A log that is open holds what a soak must find gone. */
    @Test
    void openLogOverTheRingShouldBeSeen() {
        boolean hasRing = UringProbe.probe(null).features().get(Feature.IO_URING).available();
        AppendLogConfig.Builder config = AppendLogConfig.builder();
        config.backend(hasRing ? Backend.URING : Backend.CHANNEL).segmentBytes(1 << 20);
        List<String> awaited = new ArrayList<>(List.of("open file descriptors", "threads"));
        if (hasRing) {
            awaited.add("io_uring's mappings");
            awaited.add("locked or registered, bytes");
        }
        Footprint before = Footprint.take(directory);

        try (AppendLog log = AppendLog.open(directory.resolve("log"), config.build())) {
            log.append(new byte[100]);

            assertTrue(exceeded(before).containsAll(awaited), () -> exceeded(before).toString());
        }
    }

    @Test
    void printShouldNameWhatIsNotBack() throws IOException {
        Footprint before = Footprint.take(directory);
        for (int i = 0; i < 3; i++) {
            Files.createFile(directory.resolve("file" + i));
        }
        Comparison comparison = new Comparison(before, Footprint.take(directory), SEGMENT_BYTES);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        comparison.print(new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertFalse(comparison.isBack());
        assertEquals(
                1,
                printed.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("files") && line.endsWith("NOT BACK"))
                        .count());
    }
}
