package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rig as a whole, a moment of each mode: says nothing about speed. */
class RigTest {
    private static final int ENTRIES = 500;

    @TempDir private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String mode, String peers) {
        return run(mode, peers, Map.of());
    }

    private int run(String mode, String peers, Map<String, String> changes) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("--entries", Integer.toString(ENTRIES));
        options.put("--rate", "50k");
        options.put("--producers", "2");
        options.put("--size", "64");
        options.put("--batch", "8");
        options.put("--duration", "100ms");
        options.put("--warmup", "1ms");
        options.put("--rounds", "1");
        options.put("--segment", "4M");
        options.put("--peers", peers);
        options.put("--dir", directory.resolve("data").toString());
        options.put("--json", directory.resolve("report.json").toString());
        options.put("--hgrm", directory.resolve("histograms").toString());
        options.put("--html", directory.resolve("report.html").toString());
        options.putAll(changes);
        List<String> arguments = new ArrayList<>(List.of(mode));
        options.forEach((name, value) -> arguments.add(name + "=" + value));
        return Main.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                arguments.toArray(String[]::new));
    }

    private JsonNode report() throws IOException {
        return Json.MAPPER.readTree(Files.readString(directory.resolve("report.json")));
    }

    /** The result of the candidate called {@code name}. */
    private JsonNode result(String name) throws IOException {
        for (JsonNode result : report().path("results")) {
            if (result.path("candidate").asString().equals(name)) {
                return result;
            }
        }
        throw new AssertionError("no result of " + name);
    }

    private List<String> candidates() throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode result : report().path("results")) {
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
        String page = page();
        for (JsonNode result : report().path("results")) {
            String settings = result.path("topology").asString();
            assertFalse(settings.isBlank(), result.toString());
            assertTrue(page.contains(settings), settings);
            assertTrue(printed.toString(StandardCharsets.UTF_8).contains(settings), settings);
        }
    }

    /** The page, which must be whole. */
    private String page() throws IOException {
        String page = Files.readString(directory.resolve("report.html"));
        for (String place : List.of("body", "library", "plots", "script")) {
            assertFalse(page.contains("${" + place + "}"), place + " was not filled in");
        }
        assertFalse(page.contains("src="), "the page must need nothing else");
        return page;
    }

    @Test
    void idleLogShouldTellWhatWakingUpCosts() throws IOException {
        int status = run("idle", "file", Map.of("--rate", "100", "--duration", "400ms"));

        String table = printed.toString(StandardCharsets.UTF_8);
        assertEquals(0, status, table);
        assertTrue(table.contains("100/s at random (seed 42)"), table);
        assertTrue(table.contains("CPU while idle, % of a core"), table);
        for (String name : List.of("sluice auto", "sluice auto spins")) {
            JsonNode latencies = result(name).path("latencyMicros");
            for (String kind : List.of("enqueue", "woken", "taken-up", "written", "durable")) {
                assertTrue(latencies.path(kind).path("p50").has("median"), name + " " + kind);
            }
        }
        assertTrue(result("control").path("latencyMicros").has("woken"));
        double parked = result("sluice auto").at("/idlePercentOfACore/median").asDouble();
        double spinning = result("sluice auto spins").at("/idlePercentOfACore/median").asDouble();
        assertTrue(parked < spinning, parked + " % of a core, and " + spinning + " % spinning");
        String page = page();
        assertTrue(page.contains("CPU time of the process while idle"));
        assertTrue(page.contains("latency until woken"));
        assertEquals(
                count(page, "<canvas "),
                Pattern.compile("\"id\"\\s*:\\s*\"plot\\d+\"").matcher(page).results().count(),
                "each plot has its place");
        for (String element : List.of("table", "tr", "td", "th", "div", "ul", "h2")) {
            assertEquals(
                    count(page, "<" + element + ">") + count(page, "<" + element + " "),
                    count(page, "</" + element + ">"),
                    element);
        }
    }

    private static long count(String text, String part) {
        return Pattern.compile(part, Pattern.LITERAL).matcher(text).results().count();
    }

    @Test
    void pacedWithoutSyncShouldListenForNothing() throws IOException {
        int status = run("paced", "none", Map.of("--no-sync", "true"));

        assertEquals(0, status, printed.toString(StandardCharsets.UTF_8));
        JsonNode latencies = result("sluice auto").path("latencyMicros");
        assertTrue(latencies.has("enqueue") && latencies.has("written"), latencies.toString());
        assertFalse(latencies.has("durable"), latencies.toString());
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("without sync"));
    }

    @Test
    void sizeThatIsRefusedShouldBeToldBeforeAnythingRuns() {
        assertEquals(2, run("throughput", "none", Map.of("--size", "64,1G")));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void largeEntriesShouldBeTaken() {
        int status = run("throughput", "file", Map.of("--size", "200K", "--entries", "20"));

        assertEquals(0, status, printed.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--html", "--hgrm"})
    void reportThatCannotBeWrittenShouldBeToldBeforeAnythingRuns(String option) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertEquals(
                1, run("throughput", "none", Map.of(option, file.resolve("report").toString())));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
        assertFalse(Files.exists(directory.resolve("data")));
    }

    @Test
    void wrongOptionShouldBeToldBeforeAnythingRuns() {
        assertEquals(2, run("throughput", "paper"));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }
}
