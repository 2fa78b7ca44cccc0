package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.Backend;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Calls of the system that fail, in a process of its own: strace(1) answers the n-th call of a
 * thread with an error in the kernel's stead, which then does not carry it out. Skipped where there
 * is no strace or it may not trace.
 */
final class FaultyCallsTest extends LogFixture {
    private static final int ENTRIES = 600;
    private static final long CHILD_S = 60;

    /** What the child said. */
    private record Said(List<String> lines) {
        /** How a step ended, or null if it never came to it. */
        String of(String step) {
            return lines.stream()
                    .filter(line -> line.startsWith(step + " "))
                    .map(line -> line.substring(step.length() + 1))
                    .reduce((first, last) -> last)
                    .orElse(null);
        }

        long durableIndex() {
            return of("durable") == null ? -1 : Long.parseLong(of("durable"));
        }
    }

    /**
     * One error is enough, for good: that the next call succeeds proves nothing. Over io_uring the
     * first is a header that the keeper writes, whose failure the log meets at a roll; the last two
     * are so on both.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pwrite64:error=EIO:when=7",
                "fdatasync:error=EIO:when=20",
                "fsync:error=EIO:when=7",
                "rename:error=EIO:when=2",
            })
    void callThatFailsOnceShouldEndTheLogForGood(String fault) throws Exception {
        Said said = run(fault);

        assertEquals("OK", said.of("open"));
        assertTrue(said.of("append").startsWith("FAILED "), said::toString);
        assertTrue(said.of("close").startsWith("FAILED "), said::toString);
        assertTrue(said.durableIndex() >= 1, said::toString);
        assertHeld(said);
    }

    /** The kernel lost a completion: nothing of what was in flight may count. */
    @Test
    void ringThatLosesCompletionsShouldEndTheLogForGood() throws Exception {
        assertRingFails("io_uring_enter:error=EBADR:when=60", Errno.EBADR);
    }

    /** It may be busy for a while, not for ever: waiters must not hang. */
    @Tag("long")
    @Test
    void ringThatStaysBusyShouldEndTheLogForGood() throws Exception {
        assertRingFails("io_uring_enter:error=EBUSY:when=60+", Errno.EBUSY);
    }

    private void assertRingFails(String fault, int errno) throws Exception {
        assumeTrue(backend == Backend.URING, "the other backend has no ring");

        Said said = run(fault);

        assertTrue(said.of("append").startsWith("FAILED " + errno + " "), said::toString);
        assertTrue(said.of("close").startsWith("FAILED "), said::toString);
        assertHeld(said);
    }

    /** The kernel is short of something, or was interrupted: to try again is all there is to do. */
    @ParameterizedTest
    @ValueSource(strings = {"EINTR", "EAGAIN", "EBUSY"})
    void ringThatIsBusyShouldBeEnteredAgain(String errno) throws Exception {
        assumeTrue(backend == Backend.URING, "the other backend has no ring");

        assertUnharmed(run("io_uring_enter:error=" + errno + ":when=20..40"));
    }

    @Test
    void interruptedCallsShouldBeMadeAgain() throws Exception {
        assertUnharmed(run("pwrite64,fdatasync,writev:error=EINTR:when=5..9"));
    }

    @Test
    void limitOnFilesShouldBeToldAtOpen() throws Exception {
        Said said = start(List.of("prlimit", "--fsize=40960"), AppendingChild.class, ENTRIES);

        assertTrue(said.of("open").startsWith("IO "), said::toString);
        boolean isTold = said.of("open").contains("ulimit -f") || said.of("open").contains("large");
        assertTrue(isTold, said::toString);
        // What is left of the attempt is not in the way.
        AppendLog.open(directory(), AppendingChild.config(backend)).close();
    }

    /** Each step of opening meets the end of descriptors; then a roll does. */
    @Test
    void lackOfDescriptorsShouldBeToldAndLoseNothing() throws Exception {
        Said said = start(List.of("prlimit", "--nofile=64"), DescriptorsChild.class);

        List<String> refusals =
                said.lines().stream().filter(line -> line.startsWith("open IO ")).toList();
        assertFalse(refusals.isEmpty(), said::toString);
        for (String refusal : refusals) {
            boolean isTold = refusal.contains("descriptors") || refusal.contains("Too many open");
            assertTrue(isTold, refusal);
        }
        assertEquals("OK", said.of("open"));
        assertEquals(null, said.of("leaked"));
        assertTrue(said.of("append").startsWith("FAILED "), said::toString);
        try (AppendLog log = AppendLog.open(directory(), AppendingChild.config(backend))) {
            // Ten entries before it ran out of them.
            assertTrue(log.nextIndex() > said.durableIndex() && said.durableIndex() >= 10);
        }
    }

    private void assertUnharmed(Said said) {
        assertEquals("OK", said.of("append"), said::toString);
        assertEquals("OK", said.of("close"));
        assertEquals(ENTRIES - 1, said.durableIndex());
        assertHeld(said);
    }

    private void assertHeld(Said said) {
        try (AppendLog log = AppendLog.open(directory(), AppendingChild.config(backend))) {
            assertTrue(log.nextIndex() > said.durableIndex(), said::toString);
            log.append(AppendingChild.payload(log.nextIndex()));
        }
        for (Entry entry : readAll()) {
            assertEquals(new Entry(entry.index(), AppendingChild.payload(entry.index())), entry);
        }
    }

    private Said run(String fault) throws Exception {
        List<String> trace = List.of("strace", "-f", "-qq", "-o", "/dev/null");
        String problem = problemOf(trace);
        assumeTrue(problem.isEmpty(), problem);
        List<String> prefix = new ArrayList<>(trace);
        String calls = fault.substring(0, fault.indexOf(':'));
        prefix.addAll(List.of("--seccomp-bpf", "-e", "trace=" + calls, "-e", "inject=" + fault));
        return start(prefix, AppendingChild.class, ENTRIES);
    }

    private static String problemOf(List<String> trace) throws InterruptedException {
        List<String> words = new ArrayList<>(trace);
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

    private Said start(List<String> prefix, Class<?> main, Object... more) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of(directory(), backend));
        arguments.addAll(List.of(more));
        ProcessBuilder builder = ChildJvm.of(ChildJvm.FLAGS, main, arguments.toArray());
        List<String> words = new ArrayList<>(prefix);
        words.addAll(builder.command());
        Process child = builder.command(words).redirectErrorStream(true).start();
        try {
            List<String> lines = new ArrayList<>();
            Thread reading = new Thread(() -> child.inputReader().lines().forEach(lines::add));
            reading.start();
            assertTrue(child.waitFor(CHILD_S, TimeUnit.SECONDS), "the child hangs");
            reading.join();
            assertEquals(0, child.exitValue(), lines::toString);
            return new Said(lines);
        } finally {
            child.descendants().forEach(ProcessHandle::destroyForcibly);
            child.destroyForcibly();
        }
    }
}
