package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.sluice.store.Backend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that appends under faults, and what it said; see {@link AppendingChild}. */
final class FaultyChild {
    private static final int ENTRIES = 600;
    private static final int ENTRIES_LISTENING = 20_000;

    private static final long TIMEOUT_S = 60;
    private static final List<String> STRACE = List.of("strace", "-f", "-qq", "-o", "/dev/null");

    private final Path directory;
    private final Backend backend;
    private final List<String> lines = new ArrayList<>();
    private int entries = ENTRIES;

    FaultyChild(Path directory, Backend backend) {
        this.directory = directory;
        this.backend = backend;
    }

    /**
     * Appends while strace(1) answers calls with an error in the kernel's stead, which then does
     * not carry them out. Skips the test where there is no strace or it may not trace.
     *
     * @param fault as of strace's {@code inject}; calls are counted for each thread
     */
    FaultyChild inject(String fault) throws Exception {
        return run(strace(fault), AppendingChild.class, entries);
    }

    /** As {@link #inject}, where nobody waits for an entry. */
    FaultyChild injectWhileListening(String fault) throws Exception {
        entries = ENTRIES_LISTENING;
        return run(strace(fault), AppendingChild.class, entries, "listening");
    }

    /** Only opens and closes, under a fault of calls that concern one of {@code paths}. */
    FaultyChild injectAtOpen(String fault, Path... paths) throws Exception {
        List<String> prefix = strace(fault);
        for (Path path : paths) {
            prefix.addAll(List.of("-P", path.toString()));
        }
        return run(prefix, OpeningChild.class);
    }

    private static List<String> strace(String fault) throws InterruptedException {
        String problem = problemOfTracing();
        assumeTrue(problem.isEmpty(), problem);
        List<String> prefix = new ArrayList<>(STRACE);
        String calls = fault.substring(0, fault.indexOf(':'));
        prefix.addAll(List.of("--seccomp-bpf", "-e", "trace=" + calls, "-e", "inject=" + fault));
        return prefix;
    }

    private static String problemOfTracing() throws InterruptedException {
        List<String> words = new ArrayList<>(STRACE);
        words.add("true");
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : "strace cannot trace here: " + output;
        } catch (IOException e) {
            return "there is no strace: " + e.getMessage();
        }
    }

    /** Runs {@code main} by another command, such as prlimit(1); it must end well, in time. */
    FaultyChild run(List<String> prefix, Class<?> main, Object... more) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of(directory, backend));
        arguments.addAll(List.of(more));
        ProcessBuilder builder = ChildJvm.of(main, arguments.toArray()).redirectErrorStream(true);
        builder.command().addAll(0, prefix);
        Process child = builder.start();
        try {
            Threads reading =
                    Threads.start(1, thread -> child.inputReader().lines().forEach(lines::add));
            assertTrue(child.waitFor(TIMEOUT_S, TimeUnit.SECONDS), "the child hangs");
            reading.join();
            assertEquals(0, child.exitValue(), lines::toString);
            return this;
        } finally {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }

    /** How a step ended, the last time, or "" if it never came to it. */
    String said(String step) {
        return all(step).isEmpty() ? "" : all(step).getLast();
    }

    /** How a step ended, each time. */
    List<String> all(String step) {
        return lines.stream()
                .filter(line -> line.startsWith(step + " "))
                .map(line -> line.substring(step.length() + 1))
                .toList();
    }

    /** The last index that it was told is durable, or -1. */
    long durableIndex() {
        return said("durable").isEmpty() ? -1 : Long.parseLong(said("durable"));
    }

    void assertSaid(String step, String start) {
        assertTrue(said(step).startsWith(start), this::toString);
    }

    /** The log opens again without the fault, and holds what was acknowledged. */
    void assertHeld() {
        try (AppendLog log = AppendLog.open(directory, AppendingChild.config(backend))) {
            assertTrue(log.nextIndex() > durableIndex(), this::toString);
            log.append(AppendingChild.payload(log.nextIndex()));
        }
        try (LogReader reader = LogReader.open(directory)) {
            List<Entry> entries = LogFixture.drain(reader);
            for (int i = 0; i < entries.size(); i++) {
                assertEquals(new Entry(i, AppendingChild.payload(i)), entries.get(i));
            }
        }
    }

    /** It met nothing that it had to tell. */
    void assertUnharmed() {
        assertEquals("OK", said("append"), this::toString);
        assertEquals("OK", said("close"), this::toString);
        assertEquals(entries - 1, durableIndex());
        assertHeld();
    }

    @Override
    public String toString() {
        List<String> notable = lines.stream().filter(line -> !line.startsWith("durable")).toList();
        return "durable up to " + durableIndex() + ": " + notable;
    }
}
