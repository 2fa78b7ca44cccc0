package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SmallFilesystem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Commands that read can't harm what they read: as the kernel sees it, and by force. */
final class ReadOnlyToolsTest {
    private static final String SEGMENT = "--segment-bytes=1M";

    /** What changes a file or a directory, and what opens one; "?": where the machine has it. */
    private static final String CALLS =
            "openat,?openat2,?open,?creat,?rename,?renameat,renameat2,?unlink,unlinkat,?mkdir,"
                    + "mkdirat,?rmdir,?link,linkat,?symlink,symlinkat,?mknod,mknodat,truncate,"
                    + "ftruncate,fallocate,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,"
                    + "?chmod,fchmod,fchmodat,?chown,fchown,fchownat,utimensat,flock,io_uring_setup";

    /** The only one of them that may name the log. */
    private static final Pattern READING =
            Pattern.compile("openat\\(.*\\bO_RDONLY\\b(?!.*\\b(O_CREAT|O_TRUNC)\\b).*");

    @TempDir private Path parent;

    @Test
    @Timeout(120)
    void readersShouldOpenForReadingOnlyAndChangeNothing() throws Exception {
        Path sound = parent.resolve("sound");
        Path damaged = parent.resolve("damaged");
        for (String text : new String[] {"one\n", "two\n", "three\n"}) {
            CommandRun.withInput(text, "append", sound, SEGMENT).expectOk();
            CommandRun.withInput(text, "append", damaged, SEGMENT).expectOk();
        }
        damage(damaged);

        List<String> calls =
                trace(
                        List.of(
                                "cat 0",
                                "info 0",
                                "verify 0",
                                "repair 0",
                                "cat " + ExitCode.DAMAGED,
                                "info " + ExitCode.DAMAGED,
                                "verify " + ExitCode.DAMAGED,
                                "repair " + ExitCode.DAMAGED),
                        commands(sound, "cat", "info", "verify", "repair"),
                        commands(damaged, "cat", "info", "verify", "repair"));

        assertFalse(calls.isEmpty());
        for (String call : calls) {
            assertTrue(READING.matcher(call).find(), call);
        }
    }

    /** That the test above sees what it is to see. */
    @Test
    @Timeout(120)
    void writersShouldBeSeenToWrite() throws Exception {
        Path log = parent.resolve("log");

        List<String> calls = trace(List.of("append 0"), commands(log, "append"));

        assertTrue(calls.stream().anyMatch(call -> call.contains("O_RDWR")));
        assertTrue(calls.stream().anyMatch(call -> call.contains("rename")));
        assertFalse(calls.stream().allMatch(call -> READING.matcher(call).find()));
    }

    @Test
    void logOnAReadOnlyMountShouldBeRead() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(parent, 8L << 20)) {
            Path log = filesystem.root().resolve("log");
            CommandRun.withInput("one\n", "append", log, SEGMENT).expectOk();
            filesystem.readOnly(true);

            assertEquals("one\n", CommandRun.of("cat", log).expectOk().text());
            CommandRun.of("info", log).expectOk();
            CommandRun.of("verify", log).expectOk();
            CommandRun.of("repair", log).expectOk();
            CommandRun append = CommandRun.withInput("two\n", "append", log, SEGMENT);
            assertTrue(append.code() != ExitCode.OK && append.text().isEmpty());
            assertEquals(1, append.err().lines().count(), append.err());
            assertTrue(append.err().contains("read-only"), append.err());
            filesystem.readOnly(false);
        }
    }

    private static void damage(Path log) throws IOException {
        Path segment = log.resolve("0000000000000001.seg");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("two")] ^= 1;
        Files.write(segment, bytes);
    }

    private static List<String> commands(Path log, String... names) {
        List<String> words = new ArrayList<>();
        for (String name : names) {
            words.addAll(List.of(name, log.toString(), "."));
        }
        return words;
    }

    /** Runs the commands in a process of their own; the calls in which it named a log. */
    @SafeVarargs
    private List<String> trace(List<String> expected, List<String>... commands) throws Exception {
        Path trace = parent.resolve("trace");
        List<String> prefix =
                List.of("strace", "-f", "-y", "-qq", "-s", "256", "-o", trace.toString());
        assumeTrue(canTrace(prefix), "there is no strace, or it may not trace");
        List<String> words = new ArrayList<>(List.of(CommandsChild.class.getName()));
        for (List<String> more : commands) {
            words.addAll(more);
        }
        List<String> line = new ArrayList<>(prefix);
        line.addAll(List.of("-e", "trace=" + CALLS));
        try (ChildProcess child =
                ChildProcess.ofJava(
                        line, Readme.jvmFlags(), System.getProperty("java.class.path"), words)) {
            child.endInput();
            List<String> said = new ArrayList<>();
            for (String code = child.readLine(); code != null; code = child.readLine()) {
                said.add(code);
            }
            assertEquals(expected, said, () -> errorsOf(child));
            assertEquals(0, child.awaitExit());
        }
        Path real = parent.toRealPath();
        return Files.readAllLines(trace).stream()
                .filter(call -> call.contains(real.toString()))
                .toList();
    }

    private static String errorsOf(ChildProcess child) {
        try {
            return child.errors();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean canTrace(List<String> prefix) throws InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        words.add("true");
        try {
            return new ProcessBuilder(words).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
