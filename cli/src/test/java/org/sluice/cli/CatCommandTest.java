package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

final class CatCommandTest {
    private static final String TEXT = "zero\none\n\nthree\n";

    @TempDir private Path parent;
    private Path log;

    @BeforeEach
    void appendText() {
        log = parent.resolve("log");
        CommandRun.withInput(TEXT, "append", log, "--segment-bytes=1M").expectOk();
    }

    @Test
    void fromShouldBeginThere() {
        assertEquals("one\n\nthree\n", CommandRun.of("cat", log, "--from", 1).text());
        assertEquals("three\n", CommandRun.of("cat", log, "--from", 3).text());
    }

    @Test
    void fromTheEndShouldPrintNothing() {
        CommandRun cat = CommandRun.of("cat", log, "--from", 4).expectOk();

        assertEquals("", cat.text());
    }

    @Test
    void fromBeyondTheEndShouldSayWhereItIs() {
        CommandRun cat = CommandRun.of("cat", log, "--from", 5);

        assertEquals(ExitCode.NOT_THERE, cat.code());
        assertEquals("sluice: there is no entry 5 yet; the next one will be 4.\n", cat.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "1.5", "", "0x10", "99999999999999999999"})
    void fromWhatIsNoIndexShouldBeOneSentence(String index) {
        CommandRun cat = CommandRun.of("cat", log, "--from", index);

        assertEquals(ExitCode.USAGE, cat.code());
        assertEquals(1, cat.err().lines().count(), cat.err());
        assertTrue(cat.err().contains("'" + index + "' is not an index"), cat.err());
    }

    @Test
    void sinceShouldBeginAtTheTime() {
        assertEquals(TEXT, CommandRun.of("cat", log, "--since", "1h").expectOk().text());
        assertEquals(TEXT, CommandRun.of("cat", log, "--since", "1970-01-01").expectOk().text());
        assertEquals(
                "", CommandRun.of("cat", log, "--since", "2999-01-01T00:00:00Z").expectOk().text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "10", "2030-13-01", "2030-01-01T25:00", ""})
    void sinceWhatIsNoTimeShouldBeOneSentence(String time) {
        CommandRun cat = CommandRun.of("cat", log, "--since", time);

        assertEquals(ExitCode.USAGE, cat.code());
        assertEquals(1, cat.err().lines().count(), cat.err());
        assertTrue(cat.err().contains("'" + time + "' is not a time"), cat.err());
    }

    @Test
    void withIndexShouldPrecedeEachEntryByItsIndex() {
        assertEquals(
                "2\t\n3\tthree\n",
                CommandRun.of("cat", log, "--from", 2, "--with-index").expectOk().text());
    }

    @Test
    void formsShouldExcludeEachOther() {
        assertEquals(ExitCode.USAGE, CommandRun.of("cat", log, "--with-index", "--json").code());
        assertEquals(
                ExitCode.USAGE,
                CommandRun.of("cat", log, "--length-prefixed", "--with-index").code());
        assertEquals(ExitCode.USAGE, CommandRun.of("cat", log, "--from=1", "--since=1m").code());
    }

    @Test
    void aClosedPipeShouldEndQuietly() {
        CommandRun cat = CommandRun.withOutput(new Gathering(0), true, "cat", log);

        assertEquals(ExitCode.OK, cat.code());
        assertEquals("", cat.err());
    }

    @Test
    void anOutputThatFailsOtherwiseShouldBeAFault() {
        CommandRun cat = CommandRun.withOutput(new Gathering(0), false, "cat", log);

        assertEquals(ExitCode.FAULT, cat.code());
        assertEquals("sluice: standard output can't be written: closed.\n", cat.err());
    }

    @Test
    @Timeout(60)
    void followShouldPrintWhatIsAppendedMeanwhile() throws InterruptedException {
        String more = "four\nfive\n";
        Gathering output = new Gathering(TEXT.length() + more.length());
        CompletableFuture<CommandRun> following =
                CompletableFuture.supplyAsync(
                        () -> CommandRun.withOutput(output, true, "cat", log, "--follow"));

        output.await(TEXT.length());
        try (AppendLog writer =
                AppendLog.open(log, AppendLogConfig.builder().segmentBytes(1 << 20).build())) {
            writer.append("four".getBytes(StandardCharsets.UTF_8));
            output.await(TEXT.length() + "four\n".length());
            writer.append("five".getBytes(StandardCharsets.UTF_8));
            output.await(TEXT.length() + more.length());
            // Its output has had enough: the next entry ends it.
            writer.append("six".getBytes(StandardCharsets.UTF_8));

            assertEquals(ExitCode.OK, following.join().code());
        }
        assertEquals(TEXT + more, output.text());
    }

    /** An output that takes so many bytes, and then fails. */
    private static final class Gathering implements WritableByteChannel {
        private final int bytesMax;
        private final StringBuilder text = new StringBuilder();

        Gathering(int bytesMax) {
            this.bytesMax = bytesMax;
        }

        @Override
        public synchronized int write(ByteBuffer source) throws IOException {
            int count = Math.min(source.remaining(), bytesMax - text.length());
            if (count == 0) {
                throw new IOException("closed");
            }
            for (int i = 0; i < count; i++) {
                text.append((char) source.get());
            }
            notifyAll();
            return count;
        }

        synchronized void await(int bytes) throws InterruptedException {
            while (text.length() < bytes) {
                wait();
            }
        }

        synchronized String text() {
            return text.toString();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
