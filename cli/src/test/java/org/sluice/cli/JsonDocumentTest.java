package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.Capabilities.Feature;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code docs/json.md} names every field that a command prints. */
final class JsonDocumentTest {
    private static final String SEGMENT = "--segment-bytes=1M";

    /** Named where they are defined. */
    private static final Set<String> FEATURES =
            Arrays.stream(Feature.values()).map(Feature::name).collect(Collectors.toSet());

    @TempDir private Path parent;
    private Path log;
    private String document;

    @BeforeEach
    void read() throws IOException {
        log = parent.resolve("log");
        // Tests run in the module's directory.
        document = Files.readString(Path.of("..", "docs", "json.md"));
    }

    @Test
    void everyFieldShouldBeNamed() throws IOException {
        String input = "one\n\u00fc\n";
        assertNamed(
                "append",
                CommandRun.withInput(input, "append", log, SEGMENT, "--json", "--durable"));
        byte[] noText = {(byte) 0xff, '\n'};
        CommandRun.withInput(noText, "append", log, SEGMENT).expectOk();
        assertNamed("cat", CommandRun.of("cat", log, "--json"));
        assertNamed("doctor", CommandRun.of("doctor", log, "--json"));
        assertNamed(
                "demo",
                CommandRun.of("demo", "--in", parent, "--seconds=1", "--rate=500", "--json"));

        damage();

        assertNamed("info", CommandRun.of("info", log, "--json"));
        assertNamed("verify", CommandRun.of("verify", log, "--json"));
        CommandRun repair = CommandRun.of("repair", log, "--json");
        assertNamed("repair", repair);
        assertTrue(repair.text().contains("\"cut\""), repair.text());
    }

    @Test
    void whatIsNotThereShouldBeNull() {
        JsonNode append = nodes(CommandRun.withInput("", "append", log, SEGMENT, "--json")).next();
        JsonNode info = nodes(CommandRun.of("info", log, "--json")).next();
        JsonNode verify = nodes(CommandRun.of("verify", log, "--json")).next();

        assertTrue(append.get("durableIndex").isNull(), append::toString);
        assertTrue(info.get("provenDurableIndex").isNull(), info::toString);
        assertTrue(info.get("lastTime").isNull(), info::toString);
        assertTrue(verify.get("provenDurableIndex").isNull(), verify::toString);
    }

    private void damage() throws IOException {
        Path segment = log.resolve("0000000000000001.seg");
        byte[] bytes = Files.readAllBytes(segment);
        // In the checksum of the first batch, behind which there is another one.
        bytes[4096 + 40] ^= 1;
        Files.write(segment, bytes);
    }

    private void assertNamed(String command, CommandRun run) {
        String section = section(command) + section("damages");
        int count = 0;
        for (MappingIterator<JsonNode> nodes = nodes(run); nodes.hasNext(); count++) {
            assertNamed(section, nodes.next());
        }
        assertTrue(count > 0, () -> command + " printed nothing: " + run.err());
    }

    /** A command prints one object, or one a line. */
    private static MappingIterator<JsonNode> nodes(CommandRun run) {
        return JsonMapper.builder().build().readerFor(JsonNode.class).readValues(run.out());
    }

    private static void assertNamed(String section, JsonNode node) {
        if (node.isArray()) {
            node.forEach(element -> assertNamed(section, element));
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            assertTrue(
                    FEATURES.contains(field.getKey())
                            || section.contains("`" + field.getKey() + "`"),
                    () -> "docs/json.md lacks " + field.getKey() + " in " + section);
            assertNamed(section, field.getValue());
        }
    }

    /** Of the page, under the heading. */
    private String section(String heading) {
        String start = "\n## " + heading + "\n";
        int begin = document.indexOf(start);
        assertTrue(begin >= 0, () -> "docs/json.md has no section " + heading);
        int end = document.indexOf("\n## ", begin + start.length());
        return document.substring(begin, end < 0 ? document.length() : end);
    }
}
