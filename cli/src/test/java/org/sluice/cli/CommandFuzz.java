package org.sluice.cli;

import org.sluice.store.ForgedLog;
import org.sluice.store.MemoryDirectory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a fuzzer calls: makes a log of its input, on a filesystem, and lets a command look at it.
 * Whatever the log holds, the command leaves with a code that fits, and one sentence at most.
 *
 * <p>{@link CommandFuzzTest} starts it.
 */
public final class CommandFuzz {
    private static final Set<Integer> CODES =
            Set.of(ExitCode.OK, ExitCode.FAULT, ExitCode.DAMAGED, ExitCode.NOT_THERE);

    private static Command command = Command.INFO;
    private static Path log = Path.of("log");

    /** Commands and their options. */
    enum Command {
        INFO("info"),
        VERIFY("verify", "--json"),
        CAT("cat", "--with-index"),
        CAT_SINCE("cat", "--since=1970-01-01T00:00:00.000001Z", "--json"),
        REPAIR("repair", "--yes");

        private final String line;

        Command(String... words) {
            line = String.join(" ", words);
        }

        private Object[] words(Path directory) {
            return Stream.concat(Arrays.stream(line.split(" ")), Stream.of(directory)).toArray();
        }
    }

    private CommandFuzz() {}

    /** Called once by the fuzzer, with the command and a directory. */
    public static void fuzzerInitialize(String[] arguments) {
        command = Command.valueOf(arguments[0]);
        log = Path.of(arguments[1]).resolve("log");
    }

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        use(command, input, log);
    }

    /** Makes the log in {@code directory}, and takes it away again. */
    static void use(Command command, byte[] input, Path directory) throws IOException {
        MemoryDirectory forged = ForgedLog.of(input);
        Files.createDirectories(directory);
        for (String name : forged.list()) {
            Files.write(directory.resolve(name), forged.bytes(name));
        }
        CommandRun run = CommandRun.of(command.words(directory));
        for (Path file : list(directory)) {
            Files.delete(file);
        }
        boolean isUnexpected =
                !CODES.contains(run.code())
                        || run.err().contains("unexpected fault")
                        || run.err().contains("\tat ");
        if (isUnexpected) {
            throw new AssertionError(command.line + " left with " + run.code() + ", " + run.err());
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
