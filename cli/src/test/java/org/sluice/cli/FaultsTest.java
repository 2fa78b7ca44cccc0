package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Signatures;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Each thing that can stand in a command's way: one sentence, the right code, nothing harmed. */
final class FaultsTest {
    private static final String SEGMENT = "--segment-bytes=1M";
    private static final int VERSION_OFFSET = 8;

    @TempDir private Path parent;
    private Path log;

    @BeforeEach
    void nameLog() {
        log = parent.resolve("log");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cat", "info", "verify", "repair"})
    void readersShouldSayThatThereIsNoLog(String command) {
        CommandRun run = CommandRun.of(command, log);

        assertOneSentence(run, ExitCode.NOT_THERE, log + " does not exist");
        assertFalse(Files.exists(log));
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "cat", "info", "verify", "repair"})
    void aFileShouldBeNoLog(String command) throws IOException {
        Files.writeString(log, "text");

        CommandRun run = CommandRun.withInput("a\n", command, log);

        assertOneSentence(run, ExitCode.NOT_THERE, log.toString());
        assertEquals("text", Files.readString(log));
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "cat", "info", "verify", "repair"})
    void aDirectoryOfOtherThingsShouldBeNoLog(String command) throws IOException {
        Files.createDirectory(log);
        Files.writeString(log.resolve("letter.txt"), "dear");

        CommandRun run = CommandRun.withInput("a\n", command, log);

        assertOneSentence(run, ExitCode.NOT_THERE, "letter.txt");
        try (var files = Files.list(log)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void wordsTooManyShouldBeNamed() {
        CommandRun unknown = CommandRun.of("frobnicate", log);
        CommandRun extra = CommandRun.of("info", log, "extra");

        assertEquals(ExitCode.USAGE, unknown.code());
        assertEquals(
                "sluice: there is no command 'frobnicate' (see 'sluice --help').\n", unknown.err());
        assertEquals(
                "sluice: there is one argument too many, 'extra' (see 'sluice info --help').\n",
                extra.err());
    }

    @Test
    void anOptionThatIsNoneShouldBeNamed() {
        CommandRun unknown = CommandRun.of("cat", log, "--frm", "3");

        assertOneSentence(unknown, ExitCode.USAGE, "there is no option '--frm' (see");
    }

    /** As where a variable is not set. */
    @ParameterizedTest
    @ValueSource(strings = {"append", "cat", "info", "verify", "repair", "doctor"})
    void anEmptyNameShouldNotBeTheWorkingDirectory(String command) {
        CommandRun run = CommandRun.withInput("a\n", command, "");

        assertOneSentence(run, ExitCode.USAGE, "the name is empty");
    }

    @Test
    void limitsShouldBeToldByTheNamesOfOptions() {
        CommandRun segment = CommandRun.withInput("a\n", "append", log, "--segment-bytes=5000");
        CommandRun entry = CommandRun.withInput("a\n", "append", log, "--max-entry-bytes=0");

        assertOneSentence(segment, ExitCode.USAGE, "--segment-bytes must be from");
        assertOneSentence(entry, ExitCode.USAGE, "--max-entry-bytes must be from");
    }

    @Test
    void helpThatFindsNoRoomShouldBeAFault() {
        WritableByteChannel full =
                new WritableByteChannel() {
                    @Override
                    public int write(ByteBuffer source) throws IOException {
                        throw new IOException("No space left on device");
                    }

                    @Override
                    public boolean isOpen() {
                        return true;
                    }

                    @Override
                    public void close() {}
                };

        CommandRun run = CommandRun.withOutput(full, false, "cat", "--help");

        assertOneSentence(run, ExitCode.FAULT, "No space left on device");
    }

    @Test
    void appendShouldNotMakeParents() {
        Path deep = parent.resolve("missing").resolve("log");

        CommandRun run = CommandRun.withInput("a\n", "append", deep);

        assertOneSentence(run, ExitCode.NOT_THERE, parent.resolve("missing").toString());
        assertFalse(Files.exists(deep.getParent()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "cat", "info", "verify", "repair"})
    void aNewerFormatShouldBeRefusedAsSuch(String command) throws IOException {
        CommandRun.withInput("a\n", "append", log, SEGMENT).expectOk();
        raiseVersion(log.resolve("0000000000000001.seg"));

        CommandRun run = CommandRun.withInput("b\n", command, log);

        assertOneSentence(run, ExitCode.NOT_THERE, "was written in format 2");
    }

    private static void raiseVersion(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putInt(VERSION_OFFSET, SegmentDescriptor.VERSION + 1, ByteOrder.LITTLE_ENDIAN);
        Signatures.signHeader(buffer);
        Files.write(segment, bytes, StandardOpenOption.WRITE);
    }

    @Test
    @Timeout(120)
    void aLogInUseShouldBeReadButNotWrittenByOthers() throws IOException, InterruptedException {
        try (ChildProcess other = ChildProcess.ofCommand("append", log, SEGMENT, "--durable")) {
            other.write("one\n");
            assertEquals("0", other.readLine());

            CommandRun append = CommandRun.withInput("two\n", "append", log);
            CommandRun repair = CommandRun.of("repair", log, "--yes");

            assertOneSentence(append, ExitCode.FAULT, "process " + other.pid());
            assertOneSentence(repair, ExitCode.FAULT, "process " + other.pid());
            assertEquals("one\n", CommandRun.of("cat", log).expectOk().text());
            CommandRun.of("info", log).expectOk();
            CommandRun.of("verify", log).expectOk();
            other.endInput();
            assertEquals(ExitCode.OK, other.awaitExit());
        }
    }

    @Test
    @Timeout(120)
    void anInterruptedAppendShouldKeepWhatItRead() throws IOException, InterruptedException {
        try (ChildProcess other = ChildProcess.ofCommand("append", log, SEGMENT, "--durable")) {
            other.write("one\ntwo\nunfini");
            while (!"1".equals(other.readLine())) {
                // Durable up to 0, perhaps, before it read on.
            }

            other.interrupt();
            int code = other.awaitExit();

            assertTrue(code > 128, "exit code " + code);
            assertTrue(other.errors().contains("2 entries"));
        }
        assertEquals("one\ntwo\n", CommandRun.of("cat", log).expectOk().text());
        assertTrue(
                CommandRun.of("info", log, "--json")
                        .expectOk()
                        .text()
                        .contains("\"closed\" : true"));
    }

    @Test
    void onlyDebugShouldShowWhereAnErrorArose() {
        CommandRun plain = CommandRun.of("cat", log);
        CommandRun debug = CommandRun.of("cat", log, "--debug");

        assertFalse(plain.err().contains("\tat "), plain.err());
        assertTrue(debug.err().startsWith(plain.err()), debug.err());
        assertTrue(debug.err().contains("\tat "), debug.err());
    }

    private static void assertOneSentence(CommandRun run, int code, String part) {
        assertEquals(code, run.code(), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("sluice: "), run.err());
        assertTrue(run.err().endsWith(".\n"), run.err());
        assertTrue(run.err().contains(part), run.err());
        assertEquals("", run.text());
    }
}
