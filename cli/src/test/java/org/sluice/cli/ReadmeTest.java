package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

final class ReadmeTest {
    private static final int FIRST_SCREEN_LINES = 40;

    @TempDir private Path directory;

    @Test
    @Timeout(120)
    void itsProgramShouldCompileAndRunWithItsFlags() throws IOException, InterruptedException {
        Path source = directory.resolve("Journal.java");
        Files.writeString(source, Readme.java());
        compile(source);
        String classPath = directory + File.pathSeparator + System.getProperty("java.class.path");
        Path log = directory.resolve("log");

        try (ChildProcess program =
                ChildProcess.ofJava(
                        Readme.jvmFlags(), classPath, List.of("Journal", log.toString()))) {
            String line = program.readLine();
            int code = program.awaitExit();

            assertEquals("", program.errors());
            assertEquals(0, code);
            assertEquals("entry 0 is safe", line);
        }
        assertEquals("buy 100 COPPER at 9120.50\n", CommandRun.of("cat", log).expectOk().text());
    }

    @Test
    @Timeout(120)
    void theReadingProgramShouldCompileAndRun() throws IOException, InterruptedException {
        Path source = directory.resolve("Replay.java");
        Files.writeString(source, Readme.readingJava());
        compile(source);
        String classPath = directory + File.pathSeparator + System.getProperty("java.class.path");
        Path log = directory.resolve("log");
        CommandRun.withInput("one\n", "append", log).expectOk();

        try (ChildProcess program =
                ChildProcess.ofJava(
                        Readme.jvmFlags(), classPath, List.of("Replay", log.toString()))) {
            String line = program.readLine();
            int code = program.awaitExit();

            assertEquals("", program.errors());
            assertEquals(0, code);
            assertEquals("0: one", line);
        }
    }

    private static void compile(Path source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int result =
                compiler.run(
                        null,
                        errors,
                        errors,
                        "-Xlint:all",
                        "-Werror",
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertEquals(0, result, () -> errors.toString(StandardCharsets.UTF_8));
    }

    @Test
    void itsFirstScreenShouldHoldProgramFlagsAndCommands() throws IOException {
        List<String> lines =
                Files.readAllLines(Path.of("..", "README.md")).subList(0, FIRST_SCREEN_LINES);
        String screen = String.join("\n", lines);

        assertTrue(screen.contains(Readme.java()), screen);
        assertTrue(screen.contains(String.join(" ", Readme.jvmFlags())), screen);
        assertTrue(screen.contains("./sluice demo"), screen);
        assertTrue(screen.contains("mvn verify"), screen);
    }

    @Test
    void everyLinkShouldLeadToAFile() throws IOException {
        for (String document : List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")) {
            String text = Files.readString(Path.of("..", document));
            text.lines()
                    .flatMap(line -> Pattern.compile("]\\(([^)#:]+)\\)").matcher(line).results())
                    .map(result -> Path.of("..", result.group(1)))
                    .forEach(
                            target ->
                                    assertTrue(
                                            Files.exists(target),
                                            () -> document + " links to " + target));
        }
    }
}
