package org.sluice.appender;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The command line of a JVM of its own that runs a main class of the tests. */
final class ChildJvm {
    /** What README asks for. */
    static final List<String> FLAGS =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED");

    private ChildJvm() {}

    /** A child that is quick to start, with assertions, {@code flags} and the tests' class path. */
    static ProcessBuilder of(List<String> flags, Class<?> main, Object... arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-ea", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        words.addAll(flags);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return new ProcessBuilder(words);
    }

    /**
     * A class path of copies in {@code directory} that any user can read: what {@code types} and
     * the classes beside them are loaded from.
     */
    static String copyClasses(Path directory, Class<?>... types)
            throws IOException, URISyntaxException {
        List<String> copies = new ArrayList<>();
        for (Class<?> type : types) {
            URL location = type.getProtectionDomain().getCodeSource().getLocation();
            Path source = Path.of(location.toURI());
            Path target = directory.resolve(copies.size() + "-" + source.getFileName());
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file : files.toList()) {
                    Path copy = target.resolve(source.relativize(file).toString());
                    Files.copy(file, copy);
                    Files.setPosixFilePermissions(
                            copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
            copies.add(target.toString());
        }
        return String.join(":", copies);
    }
}
