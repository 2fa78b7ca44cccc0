package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The rig as a whole, a moment of each mode: says nothing about speed. */
class RigTest {
    private static final int ENTRIES = 500;

    @TempDir private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String mode, String peers) {
        return Main.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                mode,
                "--entries=" + ENTRIES,
                "--rate=50k",
                "--producers=2",
                "--size=64",
                "--batch=8",
                "--duration=100ms",
                "--warmup=1ms",
                "--rounds=1",
                "--segment=4M",
                "--peers=" + peers,
                "--dir=" + directory.resolve("data"),
                "--json=" + directory.resolve("report.json"),
                "--hgrm=" + directory.resolve("histograms"),
                "--html=" + directory.resolve("report.html"));
    }

    private List<String> candidates() throws IOException {
        List<String> names = new ArrayList<>();
        JsonNode report = Json.MAPPER.readTree(Files.readString(directory.resolve("report.json")));
        for (JsonNode result : report.path("results")) {
            names.add(result.path("candidate").asString());
            assertTrue(result.path("rounds").path(0).path("entries").asLong() > 0);
        }
        return names;
    }

    private static boolean isEmpty(Path files) throws IOException {
        try (Stream<Path> names = Files.list(files)) {
            return names.findAny().isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"durable", "async-durable", "paced", "replay", "random-read"})
    void everyModeShouldComeToItsEnd(String mode) throws IOException {
        int status = run(mode, "none");

        assertEquals(0, status, printed.toString(StandardCharsets.UTF_8));
        assertTrue(candidates().contains("sluice auto"));
        assertFalse(Files.exists(directory.resolve("data")));
        if (!mode.equals("replay")) {
            assertFalse(isEmpty(directory.resolve("histograms")));
        }
    }

    @Test
    void everyPeerShouldKeepAllEntries() throws IOException {
        int status = run("throughput", "file,mapped,log4j2,aeron,artemis-nio,rocksdb");

        assertEquals(0, status, printed.toString(StandardCharsets.UTF_8));
        assertTrue(
                candidates()
                        .containsAll(
                                List.of(
                                        "sluice auto",
                                        "file",
                                        "mapped",
                                        "log4j2",
                                        "aeron",
                                        "artemis-nio",
                                        "rocksdb")));
        String page = Files.readString(directory.resolve("report.html"));
        for (String place : List.of("body", "library", "plots", "script")) {
            assertFalse(page.contains("${" + place + "}"), place + " was not filled in");
        }
        assertFalse(page.contains("src="), "the page must need nothing else");
    }

    @Test
    void wrongOptionShouldBeToldBeforeAnythingRuns() {
        assertEquals(2, run("throughput", "paper"));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }
}
