package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SegmentBuilder;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A log whose second of three runs was damaged: what each command makes of it. */
final class DamageTest {
    private static final String SEGMENT = "--segment-bytes=1M";
    private static final int ENTRY_OFFSET = 48 + 4;

    @TempDir private Path parent;
    private Path log;
    private Path segment;

    @BeforeEach
    void damage() throws IOException {
        log = parent.resolve("log");
        for (String text : new String[] {"one\n", "two\n", "three\n"}) {
            CommandRun.withInput(text, "append", log, SEGMENT).expectOk();
        }
        segment = log.resolve("0000000000000001.seg");
        byte[] bytes = Files.readAllBytes(segment);
        int position = positionOf(bytes, "two");
        bytes[position] ^= 1;
        Files.write(segment, bytes);
    }

    private static int positionOf(byte[] bytes, String payload) {
        for (int at = 4096 + ENTRY_OFFSET; at < bytes.length - payload.length(); at++) {
            byte[] here = Arrays.copyOfRange(bytes, at, at + payload.length());
            if (Arrays.equals(here, payload.getBytes(StandardCharsets.US_ASCII))) {
                return at;
            }
        }
        throw new AssertionError("no " + payload);
    }

    @Test
    void catShouldPrintUpToTheDamage() {
        CommandRun cat = CommandRun.of("cat", log);

        assertEquals(ExitCode.DAMAGED, cat.code());
        assertEquals("one\n", cat.text());
        assertTrue(cat.err().contains("0000000000000001.seg is damaged at position"), cat.err());
        assertTrue(cat.err().contains("entry 1 is lost"), cat.err());
        assertEquals("three\n", CommandRun.of("cat", log, "--from=2").expectOk().text());
    }

    @Test
    void appendShouldRefuse() {
        CommandRun append = CommandRun.withInput("four\n", "append", log, SEGMENT);

        assertEquals(ExitCode.DAMAGED, append.code());
        assertEquals(1, append.err().lines().count(), append.err());
    }

    @Test
    void verifyAndInfoShouldTell() {
        CommandRun verify = CommandRun.of("verify", log);
        JsonNode json = json(CommandRun.of("verify", log, "--json"));

        assertEquals(ExitCode.DAMAGED, verify.code());
        assertTrue(verify.text().contains("DAMAGED: "), verify.text());
        assertFalse(json.get("undamaged").asBoolean());
        assertEquals(1, json.get("damages").get(0).get("firstIndex").asLong());
        assertEquals(1, json.get("damages").get(0).get("lastIndex").asLong());
        assertEquals(ExitCode.DAMAGED, CommandRun.of("info", log).code());
    }

    @Test
    void verifyAndInfoShouldCountWhatTheyDoNotList() throws IOException {
        damageEverywhere();

        for (String command : new String[] {"verify", "info"}) {
            CommandRun text = CommandRun.of(command, log);
            JsonNode json = json(CommandRun.of(command, log, "--json"));

            assertEquals(ExitCode.DAMAGED, text.code());
            assertTrue(text.text().contains("DAMAGED: and at 1 place more."), text.text());
            assertEquals(1_000, json.get("damages").size());
            assertEquals(1, json.get("moreDamages").asLong());
        }
    }

    private void damageEverywhere() throws IOException {
        SegmentBuilder holes = new SegmentBuilder(SegmentBuilder.header(1, 1, 0, 1 << 20, 8, 0));
        for (int i = 0; i <= 1_001; i++) {
            holes.batch(1, holes.nextIndex() - 1, new byte[1]).skip(8, 1);
        }
        Files.write(segment, holes.bytes());
    }

    @Test
    void damageShouldBeToldByTheCodeWhenNobodyReadsTheReport() throws IOException {
        damageEverywhere();

        for (String command : new String[] {"verify", "info", "repair"}) {
            assertEquals(
                    ExitCode.DAMAGED,
                    CommandRun.withReaderGone("", command, log, "--json").code(),
                    command);
        }
    }

    @Test
    void repairShouldOnlyTellUnlessItIsMeant() {
        Map<String, String> before = snapshot();

        CommandRun repair = CommandRun.of("repair", log);

        assertEquals(ExitCode.DAMAGED, repair.code());
        assertTrue(repair.text().contains("entries 1 to 2 are lost"), repair.text());
        assertTrue(repair.text().contains("Nothing was changed"), repair.text());
        assertEquals(before, snapshot());
    }

    @Test
    void repairShouldMakeTheLogOpenAgainAndKeepTheFile() throws IOException {
        byte[] damaged = Files.readAllBytes(segment);

        CommandRun repair = CommandRun.of("repair", log, "--yes").expectOk();

        assertTrue(repair.text().contains("holds entries 0 to 0"), repair.text());
        Path aside = log.resolve("damaged-0000000000000001.seg");
        assertEquals(-1, Arrays.mismatch(damaged, Files.readAllBytes(aside)));
        CommandRun.withInput("new two\n", "append", log, SEGMENT).expectOk();
        assertEquals("one\nnew two\n", CommandRun.of("cat", log).expectOk().text());
        CommandRun.of("verify", log).expectOk();
    }

    @Test
    void repairShouldHaveNothingToDoTwice() {
        CommandRun.of("repair", log, "--yes").expectOk();

        CommandRun again = CommandRun.of("repair", log).expectOk();

        assertEquals("There is nothing to repair.\n", again.text());
        assertFalse(json(CommandRun.of("repair", log, "--json")).get("needed").asBoolean());
    }

    @Test
    void readingShouldLeaveEveryFileAsItIs() {
        Map<String, String> before = snapshot();

        CommandRun.of("cat", log);
        CommandRun.of("cat", log, "--from=2");
        CommandRun.of("cat", log, "--since=1h");
        CommandRun.of("info", log);
        CommandRun.of("verify", log);
        CommandRun.of("repair", log);

        assertEquals(before, snapshot());
    }

    /**
     * Every file with its size, times and content; the directory's own time would show a scratch
     * file.
     */
    private Map<String, String> snapshot() {
        try (Stream<Path> files = Files.walk(log)) {
            Map<String, String> snapshot = new TreeMap<>();
            for (Path file : files.toList()) {
                BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
                int content = facts.isRegularFile() ? Arrays.hashCode(Files.readAllBytes(file)) : 0;
                snapshot.put(
                        file.getFileName().toString(),
                        facts.size() + " " + facts.lastModifiedTime() + " " + content);
            }
            return snapshot;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(CommandRun run) {
        return JsonMapper.builder().build().readTree(run.out());
    }
}
