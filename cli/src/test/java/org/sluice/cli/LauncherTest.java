package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The script {@code sluice}, in a project whose JDK and Maven only say how they were called. */
@Timeout(60)
final class LauncherTest {
    private static final String RAN = "java -jar cli/target/sluice-cli.jar info\n";

    @TempDir private Path parent;
    private Path root;
    private Path jdk;
    private Path tools;
    private Path jar;
    private Path libraries;

    @BeforeEach
    void makeProject() throws IOException {
        Path real = parent.toRealPath();
        root = Files.createDirectory(real.resolve("project"));
        jar = root.resolve("cli/target/sluice-cli.jar");
        libraries = root.resolve("cli/target/lib");
        Files.copy(Path.of("..", "sluice"), root.resolve("sluice"));
        tools = Files.createDirectory(real.resolve("tools"));
        program(
                tools.resolve("mvn"),
                "mkdir -p cli/target/lib && : >cli/target/sluice-cli.jar && echo \"$JAVA_SLUICE_HOME\" >built");
        jdk = jdk(real.resolve("jdk"), "25.0.1");
    }

    private static Path jdk(Path home, String version) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        program(home.resolve("bin/java"), "echo java \"$@\"");
        return home;
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void whatIsBuiltShouldBeRun() throws Exception {
        Files.createDirectories(libraries);
        Files.createFile(jar);

        Run run = launch(jdk);

        assertEquals(new Run(0, RAN, ""), run);
        assertTrue(Files.notExists(root.resolve("built")));
    }

    @Test
    void jarWithoutItsLibrariesShouldBeBuiltAgain() throws Exception {
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);

        Run run = launch(jdk);

        assertEquals(new Run(0, RAN, "sluice: building, once ...\n"), run);
        assertTrue(Files.exists(root.resolve("built")));
    }

    @Test
    void buildShouldBeToldOfTheJdkThatWasFound() throws Exception {
        Path older = jdk(root.resolveSibling("older"), "17.0.1");
        Files.createSymbolicLink(tools.resolve("java"), jdk.resolve("bin/java"));

        Run run = launch(older);

        assertEquals(0, run.code(), run.err());
        assertEquals(jdk + "\n", Files.readString(root.resolve("built")));
    }

    /** By root too: a directory stands where a file is to be written. */
    @Test
    void placeThatCannotBeWrittenToShouldBeToldInOneSentence() throws Exception {
        Files.createDirectories(root.resolve("target/sluice-build.lock"));

        Run run = launch(jdk);

        assertEquals(new Run(1, "", "sluice: cannot write to target.\n"), run);
    }

    private Run launch(Path javaHome) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", root.resolve("sluice").toString(), "info");
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().remove("SLUICE_OPTS");
        Process process = builder.start();
        try {
            String out = text(process.getInputStream().readAllBytes());
            String err = text(process.getErrorStream().readAllBytes());
            return new Run(process.waitFor(), out, err);
        } finally {
            process.destroyForcibly();
        }
    }

    private String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).replace(root + "/", "");
    }

    /** How it ended, and what it printed, with files named as from the project. */
    private record Run(int code, String out, String err) {}
}
