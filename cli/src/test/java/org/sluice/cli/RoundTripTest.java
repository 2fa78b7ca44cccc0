package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What {@code append} reads, {@code cat} gives back, byte for byte. */
final class RoundTripTest {
    private static final String SEGMENT = "--segment-bytes=1M";
    private static final int LONG_LINE_BYTES = 100_000;
    private static final int BLOCKS_BYTES = 3 << 20;

    @TempDir private Path parent;
    private Path log;

    @BeforeEach
    void nameLog() {
        log = parent.resolve("log");
    }

    static List<String> texts() {
        String longLine = "x".repeat(LONG_LINE_BYTES);
        return List.of(
                "",
                "\n",
                "a",
                "a\n",
                "a\nb",
                "a\nb\n",
                "\n\na\n\n\n",
                "\n\na\n\n\nb",
                "carriage return\r\nstays\r\n",
                longLine,
                longLine + "\n" + longLine + "\n",
                "ü€😀\n\0\n",
                (longLine.substring(0, 999) + "\n").repeat(BLOCKS_BYTES / 1_000));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void catShouldGiveBackEveryText(String text) {
        CommandRun.withInput(text, "append", log, SEGMENT).expectOk();

        CommandRun cat = CommandRun.of("cat", log).expectOk();

        assertEquals(text, cat.text());
    }

    @ParameterizedTest
    @MethodSource("org.sluice.cli.Backends#names")
    void catShouldGiveBackRandomBytesReadInPieces(String backend) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = new byte[BLOCKS_BYTES];
        random.nextBytes(bytes);

        CommandRun append =
                CommandRun.withInput(
                        new Pieces(bytes, random), "append", log, SEGMENT, "--backend", backend);
        CommandRun cat = CommandRun.of("cat", log, "--backend", backend).expectOk();

        assertEquals(ExitCode.OK, append.code(), () -> "seed " + seed + ": " + append.err());
        assertArrayEquals(bytes, cat.out(), () -> "seed " + seed);
    }

    @ParameterizedTest
    @MethodSource("org.sluice.cli.Backends#names")
    void catShouldGiveBackLengthPrefixedBytes(String backend) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 2_000; i++) {
            byte[] entry = new byte[i % 100 == 0 ? random.nextInt(50_000) : random.nextInt(700)];
            random.nextBytes(entry);
            bytes.writeBytes(lengthPrefixed(entry));
        }

        CommandRun.withInput(
                        new Pieces(bytes.toByteArray(), random),
                        "append",
                        log,
                        SEGMENT,
                        "--length-prefixed",
                        "--backend",
                        backend)
                .expectOk();
        CommandRun cat = CommandRun.of("cat", log, "--length-prefixed").expectOk();

        assertArrayEquals(bytes.toByteArray(), cat.out(), () -> "seed " + seed);
    }

    @Test
    void aLineWithoutLineFeedShouldStayALineWhenMoreFollows() {
        CommandRun.withInput("a\nb", "append", log, SEGMENT).expectOk();
        CommandRun.withInput("c\n", "append", log, SEGMENT).expectOk();

        assertEquals("a\nb\nc\n", CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void aLineTooLongShouldEndAppendAfterTheLinesBeforeIt() {
        String text = "one\ntwo\n" + "x".repeat(200) + "\nfour\n";

        CommandRun append =
                CommandRun.withInput(text, "append", log, SEGMENT, "--max-entry-bytes", 100);

        assertEquals(ExitCode.FAULT, append.code());
        assertTrue(append.err().contains("line 3 is longer than 100 bytes"), append.err());
        assertEquals("one\ntwo\n", CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void aLongerLineShouldFitWhereItIsAllowed() {
        String text = "x".repeat(1 << 20) + "\n";

        CommandRun.withInput(text, "append", log, "--segment-bytes=8M", "--max-entry-bytes", "1M")
                .expectOk();

        assertEquals(text, CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void segmentsShouldHoldTheLongestEntryUnlessToldOtherwise() {
        String text = "x".repeat(16 << 20) + "\n";

        CommandRun.withInput(text, "append", log, "--max-entry-bytes", "16M").expectOk();

        assertEquals(text, CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void aLengthBeyondTheLimitShouldEndAppendAfterTheEntriesBeforeIt() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(lengthPrefixed(new byte[] {1, 2, 3}));
        bytes.writeBytes(new byte[] {-1, -1, -1, -1, 0, 0});

        CommandRun append =
                CommandRun.withInput(
                        bytes.toByteArray(), "append", log, SEGMENT, "--length-prefixed");

        assertEquals(ExitCode.FAULT, append.code());
        assertTrue(append.err().contains("entry 2 of the input says it has 4294967295 bytes"));
        assertArrayEquals(
                lengthPrefixed(new byte[] {1, 2, 3}),
                CommandRun.of("cat", log, "--length-prefixed").expectOk().out());
    }

    @Test
    void aCutEntryShouldEndAppendAfterTheEntriesBeforeIt() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(lengthPrefixed(new byte[] {1, 2, 3}));
        bytes.writeBytes(new byte[] {9, 0, 0, 0, 1, 2});

        CommandRun append =
                CommandRun.withInput(
                        bytes.toByteArray(), "append", log, SEGMENT, "--length-prefixed");

        assertEquals(ExitCode.FAULT, append.code());
        assertTrue(append.err().contains("ends inside its entry 2, 6 bytes after"), append.err());
        assertArrayEquals(
                lengthPrefixed(new byte[] {1, 2, 3}),
                CommandRun.of("cat", log, "--length-prefixed").expectOk().out());
    }

    private static byte[] lengthPrefixed(byte[] entry) {
        return ByteBuffer.allocate(Integer.BYTES + entry.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(entry.length)
                .put(entry)
                .array();
    }

    @Test
    void everySyncPolicyShouldKeepWhatIsAppended() {
        List<String> expected = new ArrayList<>();
        for (String policy : List.of("on-demand", "every-batch", "never", "1ms")) {
            CommandRun.withInput(policy + "\n", "append", log, SEGMENT, "--sync", policy)
                    .expectOk();
            expected.add(policy + "\n");
        }

        assertEquals(String.join("", expected), CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    void jsonShouldHoldTextOrBase64() {
        byte[] input = "a\"b\n\u00ff\n".getBytes(StandardCharsets.ISO_8859_1);
        CommandRun.withInput(input, "append", log, SEGMENT).expectOk();

        List<String> lines = CommandRun.of("cat", log, "--json").expectOk().text().lines().toList();

        assertEquals(2, lines.size());
        assertTrue(lines.get(0).startsWith("{\"index\":0,\"time\":\"20"), lines.get(0));
        assertTrue(lines.get(0).endsWith("\"length\":3,\"text\":\"a\\\"b\"}"), lines.get(0));
        assertTrue(lines.get(1).endsWith("\"length\":1,\"base64\":\"/w==\"}"), lines.get(1));
    }

    /** Hands bytes out in pieces of any length. */
    private static final class Pieces implements ReadableByteChannel {
        private static final int PIECE_BYTES_MAX = 200_000;

        private final ByteBuffer bytes;
        private final Random random;

        Pieces(byte[] bytes, Random random) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.random = random;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int bound = random.nextInt(8) == 0 ? 10 : PIECE_BYTES_MAX;
            int count =
                    Math.min(
                            1 + random.nextInt(bound),
                            Math.min(bytes.remaining(), target.remaining()));
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
