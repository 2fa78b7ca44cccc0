package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that can't see what is mounted, as in a sandbox: the JDK knows no filesystem then. */
@EnabledOnOs(OS.LINUX)
class HiddenMountsTest {
    private static final String HIDE = "mount --bind /dev/null /proc/$$/mounts";

    @TempDir Path directory;

    @Test
    void spaceThatNobodyTellsOfShouldNotBeMissed() throws Exception {
        String problem = Mount.run("unshare", "--mount", "sh", "-c", HIDE);
        assumeTrue(problem.isEmpty(), "cannot hide what is mounted: " + problem);
        List<String> command = JavaCommand.of(List.of(), HiddenMountsTest.class, directory);
        // The shell's process becomes the JVM's, whose mounts are those that were hidden.
        command.addAll(0, List.of("unshare", "--mount", "sh", "-c", HIDE + " && exec \"$@\"", ""));

        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = child.inputReader().lines().toList();

        assertEquals(List.of("usable " + Long.MAX_VALUE, "written " + Errno.ENOSPC), lines);
        assertEquals(0, child.waitFor());
    }

    /** Argument: a directory. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        IOException full = new IOException("No space left on device");
        System.out.println("usable " + new FileSystemDirectory(directory).usableBytes());
        System.out.println("written " + FileFaults.writeErrno(full, directory.resolve("file"), 1));
    }
}
