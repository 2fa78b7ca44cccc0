package org.sluice.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process of one round: {@code RoundMain SPEC RESULT}, two files of JSON. Prints the count of
 * entries now and then, a line each, and leaves with {@link #DONE}.
 */
final class RoundMain {
    /** Exit status of a round that left its result behind. */
    static final int DONE = 0;

    private static final int FAILED = 1;

    private RoundMain() {}

    public static void main(String[] args) {
        // Either way a candidate's own threads must not keep the process.
        try {
            run(args);
        } catch (IOException | RuntimeException | Error failure) {
            failure.printStackTrace();
            System.exit(FAILED);
        }
        System.exit(DONE);
    }

    private static void run(String[] args) throws IOException {
        RoundSpec spec = Json.MAPPER.readValue(Files.readString(Path.of(args[0])), RoundSpec.class);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        RoundResult result = new Round(spec, out::println).run();
        Files.writeString(Path.of(args[1]), Json.MAPPER.writeValueAsString(result));
    }
}
