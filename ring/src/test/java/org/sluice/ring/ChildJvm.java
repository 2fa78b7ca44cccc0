package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.AppendException;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A main class of the tests in a process of its own, under limits that the test's process can't
 * have.
 */
final class ChildJvm {
    private static final long TIMEOUT_S = 60;

    private final List<String> prefix = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private String classPath = String.join(":", locations().map(Path::toString).toList());

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
    ChildJvm copiedTo(Path directory) throws IOException {
        List<String> copies = new ArrayList<>();
        for (Path location : locations().toList()) {
            Path copy = directory.resolve(copies.size() + "-" + location.getFileName());
            copy(location, copy);
            copies.add(copy.toString());
        }
        classPath = String.join(":", copies);
        return this;
    }

    /** Runs it and returns the lines it prints; it must end well. */
    List<String> run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-ea",
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        // The one file a JVM writes unasked, which a limit on file sizes would hit.
                        "-XX:-UsePerfData",
                        "-Xmx64m"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
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

    private static Stream<Path> locations() {
        return Stream.of(
                        UringStorage.class,
                        ChildJvm.class,
                        AppendException.class,
                        UnsafeBuffer.class)
                .map(ChildJvm::locationOf);
    }

    private static Path locationOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                Files.copy(file, copy);
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
