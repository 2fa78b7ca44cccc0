package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.ffi.Liburing;
import org.sluice.store.Capabilities.Feature;

import java.nio.file.Path;
import java.util.List;

/** What is told when io_uring is not to be had, each for a real cause. */
@EnabledOnOs(OS.LINUX)
@ExtendWith(UringCondition.class)
class DenialTest {
    @TempDir private Path directory;

    @Test
    void missingLibraryShouldBeNamedWithThePackageThatBringsIt() throws Exception {
        List<String> lines =
                new ChildJvm()
                        .option("-D" + Liburing.LIBRARY_PROPERTY + "=libabsent.so.2")
                        .run(ProbeChild.class, directory.toString(), "nothing");

        String line = line(lines, "IO_URING|");
        assertTrue(
                line.startsWith("IO_URING|false|the library libabsent.so.2 was not found|"), line);
        assertTrue(line.contains("apt-get install liburing2"), line);
        assertEquals("liburing=null", line(lines, "liburing="));
        assertTrue(line(lines, "SQPOLL|").contains("was not found"));
        assertFilesystemProbed(lines);
        String refusal = lines.getLast();
        assertTrue(refusal.startsWith("UNSUPPORTED: io_uring cannot run here: "), refusal);
        assertTrue(refusal.contains("apt-get install liburing2"), refusal);
    }

    @Test
    void libraryWithoutTheNeededFunctionsShouldBeTold() throws Exception {
        List<String> lines =
                new ChildJvm()
                        .option("-D" + Liburing.LIBRARY_PROPERTY + "=libc.so.6")
                        .run(ProbeChild.class, directory.toString(), "nothing");

        assertTrue(line(lines, "IO_URING|").contains("libc.so.6 is older than version 2.3"));
    }

    @Test
    void filterShouldBeToldFromOtherCauses() throws Exception {
        List<String> lines = new ChildJvm().run(ProbeChild.class, directory.toString(), "EPERM");

        String line = line(lines, "IO_URING|");
        assertTrue(line.startsWith("IO_URING|false|a filter denies io_uring"), line);
        assertTrue(line.contains("seccomp profile"), line);
        assertFilesystemProbed(lines);
        assertTrue(lines.getLast().startsWith("UNSUPPORTED: "), lines.getLast());
    }

    @Test
    void missingSystemCallShouldBeTold() throws Exception {
        List<String> lines = new ChildJvm().run(ProbeChild.class, directory.toString(), "ENOSYS");

        assertTrue(
                line(lines, "IO_URING|").startsWith("IO_URING|false|the kernel has no io_uring"));
        assertFilesystemProbed(lines);
    }

    @Test
    void lackOfDescriptorsShouldBeToldWithTheLimitToRaise() throws Exception {
        List<String> lines =
                new ChildJvm()
                        .by("prlimit", "--nofile=64")
                        .run(ProbeChild.class, directory.toString(), "descriptors");

        String line = line(lines, "IO_URING|");
        assertTrue(line.startsWith("IO_URING|false|the process is out of file descriptors"), line);
        assertTrue(line.contains("ulimit -n"), line);
    }

    /** The system's name is all that is asked before anything native is touched. */
    @Test
    void otherSystemsShouldBeTouchedByNothingNative() throws Exception {
        List<String> lines =
                new ChildJvm()
                        .option("-Dos.name=Mac OS X")
                        .option("-Xlog:class+init=info")
                        .run(ProbeChild.class, directory.toString(), "nothing");

        for (Feature feature : Feature.values()) {
            String line = line(lines, feature + "|");
            assertTrue(line.startsWith(feature + "|false|io_uring is an interface of Linux"), line);
        }
        List<String> initialised = lines.stream().filter(line -> line.contains("Init")).toList();
        assertTrue(
                initialised.stream().anyMatch(line -> line.contains("org/sluice/ring/UringProbe")));
        assertTrue(initialised.stream().noneMatch(line -> line.contains("org/sluice/ring/ffi")));
    }

    /** The other backend uses these too. */
    private static void assertFilesystemProbed(List<String> lines) {
        assertTrue(line(lines, "DIRECTORY_SYNC|").startsWith("DIRECTORY_SYNC|true"));
        boolean direct = line(lines, "DIRECT_IO|").startsWith("DIRECT_IO|true");
        assertEquals(direct, !line(lines, "align=").equals("align=0"));
    }

    private static String line(List<String> lines, String start) {
        return lines.stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + start + " in " + lines));
    }
}
