package org.sluice.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** One command, run in this process on streams of its own, and what came of it. */
final class CommandRun {
    private final int code;
    private final byte[] out;
    private final String err;

    private CommandRun(int code, byte[] out, String err) {
        this.code = code;
        this.out = out;
        this.err = err;
    }

    /** With nothing on standard input. */
    static CommandRun of(Object... args) {
        return withInput(new byte[0], args);
    }

    static CommandRun withInput(String input, Object... args) {
        return withInput(input.getBytes(StandardCharsets.UTF_8), args);
    }

    static CommandRun withInput(byte[] input, Object... args) {
        return withInput(Channels.newChannel(new ByteArrayInputStream(input)), args);
    }

    static CommandRun withInput(ReadableByteChannel input, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return withStreams(input, Channels.newChannel(out), out, false, args);
    }

    /** On an output of the test's; what is written to it does not show in the result. */
    static CommandRun withOutput(WritableByteChannel output, boolean isPipe, Object... args) {
        ReadableByteChannel noInput = Channels.newChannel(new ByteArrayInputStream(new byte[0]));
        return withStreams(noInput, output, new ByteArrayOutputStream(), isPipe, args);
    }

    /** Into a pipe whose reader is gone. */
    static CommandRun withReaderGone(String input, Object... args) throws IOException {
        Pipe pipe = Pipe.open();
        pipe.source().close();
        try (WritableByteChannel output = pipe.sink()) {
            ReadableByteChannel in =
                    Channels.newChannel(
                            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            return withStreams(in, output, new ByteArrayOutputStream(), true, args);
        }
    }

    private static CommandRun withStreams(
            ReadableByteChannel input,
            WritableByteChannel output,
            ByteArrayOutputStream written,
            boolean isPipe,
            Object... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        StandardStreams streams =
                new StandardStreams(
                        input,
                        new StandardOutput(output),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        isPipe,
                        false);
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = Main.run(streams, words);
        return new CommandRun(code, written.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** The exit code. */
    int code() {
        return code;
    }

    /** What it wrote to standard output. */
    byte[] out() {
        return out;
    }

    /** The same as text. */
    String text() {
        return new String(out, StandardCharsets.UTF_8);
    }

    /** What it wrote to standard error. */
    String err() {
        return err;
    }

    /** Throws unless it ended well; for what a test only prepares with. */
    CommandRun expectOk() {
        if (code != ExitCode.OK) {
            throw new AssertionError("exit code " + code + ": " + err);
        }
        return this;
    }
}
