package org.sluice.store;

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
public final class JavaCommand {
    /** What README asks for. */
    public static final List<String> FLAGS =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED");

    private JavaCommand() {}

    /** With the tests' class path; may be added to. */
    public static List<String> of(List<String> flags, Class<?> main, Object... arguments) {
        List<String> words = new ArrayList<>();
        words.add(main.getName());
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return of(flags, System.getProperty("java.class.path"), words);
    }

    /** {@code java FLAGS -cp CLASSPATH WORDS}; may be added to. */
    public static List<String> of(List<String> flags, String classPath, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath));
        command.addAll(words);
        return command;
    }

    /**
     * A class path of copies in {@code directory} that any user can read: what {@code types} and
     * the classes beside them are loaded from.
     */
    public static String copyClasses(Path directory, Class<?>... types)
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
