package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.AppendException;
import org.sluice.store.JavaCommand;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A main class of the tests in a process of its own, under limits that the test's process can't
 * have.
 */
final class ChildJvm {
    private static final long TIMEOUT_S = 60;

    private final List<String> prefix = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");

    /** Runs it by another command, such as prlimit(1). */
    ChildJvm by(String... command) {
        prefix.addAll(List.of(command));
        return this;
    }

    /** Gives the JVM an option. */
    ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    /** Runs it from a copy of the classes in {@code directory}, which other users can read. */
    ChildJvm copiedTo(Path directory) throws IOException, URISyntaxException {
        classPath =
                JavaCommand.copyClasses(
                        directory,
                        UringStorage.class,
                        ChildJvm.class,
                        AppendException.class,
                        UnsafeBuffer.class);
        return this;
    }

    /** Runs it and returns the lines it prints; it must end well. */
    List<String> run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(JavaCommand.FLAGS);
        // The one file a JVM writes unasked, which a limit on file sizes would hit.
        flags.add("-XX:-UsePerfData");
        flags.addAll(List.of("-ea", "-Xmx64m"));
        flags.addAll(options);
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst(main.getName());
        List<String> command = JavaCommand.of(flags, classPath, words);
        command.addAll(0, prefix);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), output);
            assertEquals(0, process.exitValue(), output);
            return output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
