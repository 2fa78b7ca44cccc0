package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

final class InfoCommandTest {
    private static final String LINE = "x".repeat(999) + "\n";
    private static final int LINES = 3_000;

    @TempDir private Path parent;

    @Test
    void infoAndVerifyShouldCountWhatWasAppended() {
        Path log = parent.resolve("log");
        CommandRun.withInput(LINE.repeat(LINES), "append", log, "--segment-bytes=1M").expectOk();

        JsonNode info = json(CommandRun.of("info", log, "--json").expectOk());
        JsonNode verify = json(CommandRun.of("verify", log, "--json").expectOk());

        assertEquals(0, info.get("firstIndex").asLong());
        assertEquals(LINES, info.get("nextIndex").asLong());
        assertEquals(LINES - 1, info.get("provenDurableIndex").asLong());
        assertTrue(info.get("closed").asBoolean());
        assertTrue(info.get("undamaged").asBoolean());
        assertTrue(info.get("sealedSegments").asInt() >= 2);
        assertTrue(
                !Instant.parse(info.get("lastTime").asString())
                        .isBefore(Instant.parse(info.get("firstTime").asString())));
        assertEquals(LINES, verify.get("entries").asLong());
        assertEquals(info.get("segments").asInt(), verify.get("segments").asInt());
        assertTrue(verify.get("undamaged").asBoolean());
    }

    @Test
    void anEmptyLogShouldBeSoundAndEmpty() {
        Path log = parent.resolve("log");
        CommandRun.of("append", log, "--segment-bytes=1M").expectOk();

        CommandRun info = CommandRun.of("info", log).expectOk();
        CommandRun verify = CommandRun.of("verify", log).expectOk();

        assertTrue(info.text().contains("none, the next one is 0"), info.text());
        assertTrue(verify.text().contains("0 entries"), verify.text());
        assertEquals("", CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void anEmptyDirectoryShouldBeNoLog() throws IOException {
        Path empty = Files.createDirectory(parent.resolve("unmounted"));

        for (String command : List.of("info", "verify", "cat", "repair")) {
            CommandRun run = CommandRun.of(command, empty);

            assertEquals(ExitCode.NOT_THERE, run.code(), command);
            assertEquals("sluice: there is no log: " + empty + " is empty.\n", run.err(), command);
        }
    }

    private static JsonNode json(CommandRun run) {
        return JsonMapper.builder().build().readTree(run.out());
    }
}
