package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class AppendCommandTest {
    private static final String SEGMENT = "--segment-bytes=1M";

    /** More than are read at once. */
    private static final int READS_BYTES = 3 << 20;

    @TempDir private Path parent;

    @ParameterizedTest
    @MethodSource("org.sluice.cli.Backends#names")
    void durableShouldPrintTheHighestDurableIndex(String backend) {
        CommandRun append =
                CommandRun.withInput(
                        "a\nb\nc\n",
                        "append",
                        parent.resolve("log"),
                        SEGMENT,
                        "--durable",
                        "--backend",
                        backend);

        assertEquals(ExitCode.OK, append.code(), append.err());
        assertEquals("2", append.text().lines().toList().getLast());
        assertTrue(append.err().contains("3 entries"), append.err());
        assertTrue(append.err().contains("backend " + backend + ": it was asked for"));
    }

    @Test
    void appendShouldGoOnWhenNobodyReadsWhatItPrints() throws IOException {
        Path log = parent.resolve("log");
        String text = ("x".repeat(999) + "\n").repeat(READS_BYTES / 1_000);

        CommandRun append =
                CommandRun.withReaderGone(text, "append", log, SEGMENT, "--durable", "--json");

        assertEquals(ExitCode.OK, append.code(), append.err());
        assertEquals(text, CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void jsonShouldPrintTheSummaryOnly() {
        CommandRun append =
                CommandRun.withInput("a\nbc\n", "append", parent.resolve("log"), SEGMENT, "--json");

        JsonNode summary = JsonMapper.builder().build().readTree(append.out());
        assertEquals(2, summary.get("entries").asLong());
        assertEquals(3, summary.get("bytes").asLong());
        assertEquals(0, summary.get("firstIndex").asLong());
        assertEquals(2, summary.get("nextIndex").asLong());
        assertEquals(1, summary.get("durableIndex").asLong());
        assertFalse(summary.get("backendReason").asString().isEmpty());
        assertEquals("", append.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--max-entry-bytes=x",
                "--max-entry-bytes=0",
                "--max-entry-bytes=3G",
                "--max-entry-bytes=999999999999G",
                "--max-entry-bytes=-1",
                "--segment-bytes=1K",
                "--segment-bytes=1000001",
                "--sync=sometimes",
                "--sync=0s",
                "--backend=aio",
                "--unheard-of"
            })
    void aWrongOptionShouldBeMisuseAndLeaveNoLog(String option) {
        Path log = parent.resolve("log");

        CommandRun append = CommandRun.withInput("a\n", "append", log, option);

        assertEquals(ExitCode.USAGE, append.code(), append.err());
        assertEquals(1, append.err().lines().count(), append.err());
        assertTrue(append.err().startsWith("sluice: "), append.err());
        assertTrue(append.err().contains("(see 'sluice append --help')"), append.err());
        assertFalse(Files.exists(log));
    }

    @Test
    void durableAndNeverShouldExcludeEachOther() {
        CommandRun append =
                CommandRun.of("append", parent.resolve("log"), "--durable", "--sync=never");

        assertEquals(ExitCode.USAGE, append.code());
    }
}
