package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/** What is made of what fio says, by a script in its place. */
final class DeviceLimitTest {
    private static final Workload WORKLOAD =
            new Workload(Mode.DURABLE, 256, 1, 1_000, 1_000_000, 1, 1, 1, true, 0);

    private final Locale locale = Locale.getDefault();

    @TempDir private Path directory;
    private Cleanup cleanup;

    @BeforeEach
    void begin() {
        cleanup = new Cleanup(directory.resolve("run"));
    }

    @AfterEach
    void end() {
        Locale.setDefault(locale);
        cleanup.cancel();
    }

    /** A round of a fio that does as {@code script} says. */
    private RoundResult run(String script) throws IOException {
        Path program = directory.resolve("fio");
        String head = "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n";
        Files.writeString(program, head + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return DeviceLimit.find(program.toString(), directory.resolve("run"), cleanup)
                .getFirst()
                .run(WORKLOAD);
    }

    @Test
    void failureShouldBeToldInItsOwnWords() throws IOException {
        RoundResult result = run("echo boom >&2; exit 3");

        assertEquals("fio left with 3: boom", result.failure());
    }

    @Test
    void percentilesShouldBeFoundInEveryLanguage() throws IOException {
        Locale.setDefault(Locale.GERMANY);

        RoundResult result =
                run(
                        """
                        echo '{"jobs": [{"write": {"runtime": 1, "io_bytes": 4096000,
                          "total_ios": 1000, "clat_ns": {"max": 9000,
                          "percentile": {"50.000000": 5000, "90.000000": 6000}}}}]}'
                        """);

        Histogram durable = Latencies.decode(result.latencies().get("durable"));
        long medianNs = durable.getValueAtPercentile(50);
        assertTrue(durable.valuesAreEquivalent(5_000, medianNs), medianNs + " ns");
    }
}
