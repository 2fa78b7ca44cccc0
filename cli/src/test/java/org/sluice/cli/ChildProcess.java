package org.sluice.cli;

import org.sluice.store.JavaCommand;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, with the flags that README asks for and the tests' class path. */
final class ChildProcess implements AutoCloseable {
    private static final long WAIT_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;

    private ChildProcess(Process process) {
        this.process = process;
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Runs a command of the command line. */
    static ChildProcess ofCommand(Object... args) throws IOException {
        List<String> line = JavaCommand.of(Readme.jvmFlags(), Main.class, args);
        return new ChildProcess(new ProcessBuilder(line).start());
    }

    /** Runs {@code java FLAGS -cp CLASSPATH WORDS}. */
    static ChildProcess ofJava(List<String> flags, String classPath, List<String> words)
            throws IOException {
        return ofJava(List.of(), flags, classPath, words);
    }

    /** As above, run by another command, such as strace(1). */
    static ChildProcess ofJava(
            List<String> prefix, List<String> flags, String classPath, List<String> words)
            throws IOException {
        List<String> line = JavaCommand.of(flags, classPath, words);
        line.addAll(0, prefix);
        return new ChildProcess(new ProcessBuilder(line).start());
    }

    void write(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The next line of its standard output, null at its end. */
    String readLine() throws IOException {
        return output.readLine();
    }

    long pid() {
        return process.pid();
    }

    /** Asks it to end, politely, and leaves its streams open. */
    void interrupt() {
        process.toHandle().destroy();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for it to end; its exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " goes on");
        }
        return process.exitValue();
    }

    String errors() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
