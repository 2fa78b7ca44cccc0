package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Some seconds of a soak, over both backends, with processes that are killed. */
class SoakCommandTest {
    @TempDir private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... options) {
        String[] words = new String[options.length + 2];
        words[0] = "soak";
        words[1] = "--dir=" + directory.resolve("data");
        System.arraycopy(options, 0, words, 2, options.length);
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), words);
    }

    @Test
    void soakShouldLeaveNothingBehind() {
        int status = run("--minutes=0.05");

        String told = printed.toString(StandardCharsets.UTF_8);
        System.out.println(told);
        assertEquals(0, status, told);
        assertTrue(told.contains("everything is back where it was"), told);
        assertFalse(Files.exists(directory.resolve("data")));
    }

    @Test
    void wrongOptionShouldBeToldBeforeAnythingRuns() {
        assertEquals(2, run("--minutes=-1"));
        assertEquals(2, run("--producers=0"));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
        assertFalse(Files.exists(directory.resolve("data")));
    }
}
