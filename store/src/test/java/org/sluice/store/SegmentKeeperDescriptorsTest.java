package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process short of file descriptors for a while must not lose its log over it. */
@EnabledOnOs(OS.LINUX)
final class SegmentKeeperDescriptorsTest {
    private static final long TIMEOUT_S = 60;

    @TempDir Path directory;

    @Test
    void lackShouldBeWaitedOutUntilASegmentIsNeeded() throws Exception {
        Process child =
                new ProcessBuilder(
                                "prlimit",
                                "--nofile=64",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                                // The VM's own threads would take descriptors now and then.
                                "-Xint",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ShortOfDescriptorsChild.class.getName(),
                                directory.toString())
                        .redirectErrorStream(true)
                        .start();
        List<String> lines = child.inputReader().lines().toList();
        assertTrue(child.waitFor(TIMEOUT_S, TimeUnit.SECONDS));

        assertEquals(
                List.of(
                        "none free: 0 ready, goes on",
                        "sync: " + Errno.EMFILE,
                        "one free: 1 ready, goes on",
                        "all free: 2 ready, goes on",
                        "awaited, none free: 0 ready, failed"),
                lines);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".spare")).toList(),
                    "a try left its file behind");
        }
    }
}
