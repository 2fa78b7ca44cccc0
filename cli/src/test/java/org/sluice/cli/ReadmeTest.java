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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

final class ReadmeTest {
    private static final int FIRST_SCREEN_LINES = 40;

    /** To a file, or a part of one, of the project. */
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]*)(#[^)]+)?\\)");

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

    /** Of every document; a part of one, too, must be there. */
    @Test
    void everyLinkShouldLeadToAFile() throws IOException {
        int links = 0;
        for (Path document : documents()) {
            for (MatchResult link : LINK.matcher(Files.readString(document)).results().toList()) {
                Path target = link.group(1).isEmpty() ? document : beside(document, link.group(1));
                assertTrue(Files.exists(target), () -> document + " links to " + target);
                assertTrue(
                        link.group(2) == null || parts(target).contains(link.group(2)),
                        () -> document + " links to " + target + link.group(2));
                links++;
            }
        }
        assertTrue(links > 50, () -> "documents were not found");
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path place :
                List.of(Path.of(".."), Path.of("../docs"), Path.of("../docs/decisions"))) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(place, "*.md")) {
                found.forEach(documents::add);
            }
        }
        return documents;
    }

    private static Path beside(Path document, String target) {
        return document.resolveSibling(target);
    }

    /** The anchors that a heading gets when a document is shown. */
    private static List<String> parts(Path document) throws IOException {
        return Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(line -> "#" + line.replaceAll("[^\\p{L}\\d _-]", "").replace(' ', '-'))
                .toList();
    }
}
