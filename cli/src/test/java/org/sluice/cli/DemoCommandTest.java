package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

final class DemoCommandTest {
    @TempDir private Path parent;

    @ParameterizedTest
    @MethodSource("org.sluice.cli.Backends#names")
    void demoShouldReadBackWhatItJournaledAndLeaveNothing(String backend) throws IOException {
        CommandRun demo =
                CommandRun.of(
                                "demo",
                                "--in",
                                parent,
                                "--seconds=1",
                                "--rate=2000",
                                "--json",
                                "--backend",
                                backend)
                        .expectOk();

        JsonNode report = JsonMapper.builder().build().readTree(demo.out());
        assertEquals(backend, report.get("backend").asString());
        assertTrue(report.get("orders").asLong() > 0);
        assertEquals(report.get("orders").asLong(), report.get("readBack").asLong());
        assertTrue(report.get("undamaged").asBoolean());
        assertTrue(report.get("complete").asBoolean());
        long measured = report.get("enqueueNs").get("count").asLong();
        assertTrue(measured > 0 && measured < report.get("orders").asLong());
        assertTrue(report.get("durableNs").get("p99.9").asLong() > 0);
        try (Stream<Path> files = Files.list(parent)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    @Timeout(60)
    void demoShouldNotWaitForOrdersThatComeLater() {
        CommandRun demo =
                CommandRun.of("demo", "--in", parent, "--seconds=1", "--rate=1", "--threads=300");

        assertEquals(ExitCode.OK, demo.code(), demo.err());
    }

    @Test
    void keepShouldLeaveALogThatOpens() throws IOException {
        CommandRun demo =
                CommandRun.of("demo", "--in", parent, "--seconds=1", "--rate=500", "--keep")
                        .expectOk();

        Path log;
        try (Stream<Path> files = Files.list(parent)) {
            log = files.findFirst().orElseThrow();
        }
        assertTrue(demo.text().endsWith("The log stays in " + log + "\n"), demo.text());
        CommandRun.of("verify", log).expectOk();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--seconds=0", "--threads=-1", "--rate=x", "--in=/dev/null"})
    void aWrongOptionShouldBeMisuse(String option) {
        CommandRun demo = CommandRun.of("demo", option);

        assertEquals(ExitCode.USAGE, demo.code());
        assertEquals(1, demo.err().lines().count(), demo.err());
    }
}
