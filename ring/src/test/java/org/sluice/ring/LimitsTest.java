package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Writes under the limits that operating systems put on processes. */
@ExtendWith(UringCondition.class)
class LimitsTest {
    private static final int NOBODY = 65_534;
    private static final long MEMLOCK_BYTES = 8 << 20;

    @TempDir private Path directory;

    /** The third write reaches over the limit: it is written short first, and then refused. */
    @ParameterizedTest
    @ValueSource(strings = {"direct", "buffered", "direct, awaited", "buffered, awaited"})
    void shortWriteShouldBeResubmittedUntilTheLimitIsHit(String how) throws Exception {
        List<String> lines =
                new ChildJvm()
                        .by("prlimit", "--fsize=" + 160 * 1024)
                        .run(WriteChild.class, directory.toString(), how, "1", "65536", "4");

        assertEquals("0=65536", lines.get(0));
        assertEquals("1=65536", lines.get(1));
        assertEquals("2=" + -Errno.EFBIG, lines.get(2));
        assertEquals("3=" + -Errno.EFBIG, lines.get(3));
        byte[] written = Files.readAllBytes(directory.resolve("data"));
        assertEquals(160 * 1024, written.length);
        for (int i = 0; i < written.length; i++) {
            assertEquals(i / 65536 + 1, written[i], "at " + i);
        }
    }

    /** Where the limit lies inside a sector, O_DIRECT must neither loop nor claim success. */
    @ParameterizedTest
    @ValueSource(strings = {"direct", "buffered", "direct, awaited", "buffered, awaited"})
    void limitInsideSectorShouldFailTheWrite(String how) throws Exception {
        List<String> lines =
                new ChildJvm()
                        .by("prlimit", "--fsize=100100")
                        .run(WriteChild.class, directory.toString(), how, "1", "65536", "3");

        assertEquals("0=65536", lines.get(0));
        assertTrue(lines.get(1).startsWith("1=-"), lines.get(1));
        assertTrue(lines.get(2).startsWith("2=-"), lines.get(2));
    }

    /** Root may lock what it likes, so tests that run as root would hide this. */
    @Test
    void unprivilegedUserShouldHaveDefaultBlocksRegistered() throws Exception {
        List<String> lines = runUnprivileged("8", "262144");

        assertAllWritten(lines, 262_144);
        assertTrue(lines.contains("registered=true|"), lines.toString());
    }

    /**
     * A log that is closed and opened again: the first ring's locked memory must not be in the way.
     */
    @Test
    void lockedMemoryShouldBeFreeOnceTheEngineIsClosed() throws Exception {
        List<String> lines = runUnprivileged("6", String.valueOf(1 << 20));

        assertAllWritten(lines, 1 << 20);
        assertTrue(lines.contains("registered=true|"), lines.toString());
    }

    @Test
    void unprivilegedUserShouldBeToldWhatToRaiseForLargeBlocks() throws Exception {
        List<String> lines = runUnprivileged("2", String.valueOf(16 << 20));

        assertAllWritten(lines, 16 << 20);
        String reason =
                (32 << 20)
                        + " bytes could not be locked under the limit of "
                        + MEMLOCK_BYTES
                        + " bytes (ENOMEM)";
        assertTrue(lines.contains("registered=false|" + reason), lines.toString());
        assertTrue(
                lines.stream().anyMatch(line -> line.startsWith("remedy=raise the limit")),
                lines.toString());
    }

    /** The kernel lets go of a closed ring's memory a little later than close returns. */
    @Test
    void ringShouldBeMadeWhileTheOneBeforeIsStillChargedFor() throws Exception {
        List<String> lines = runUnprivileged(640 << 10, RingsChild.class);

        assertEquals(List.of("made " + RingsChild.COUNT), lines);
    }

    private static void assertAllWritten(List<String> lines, int blockBytes) {
        for (int i = 0; i < 4; i++) {
            assertEquals(i + "=" + blockBytes, lines.get(i));
        }
        assertTrue(lines.contains("size=" + 4L * blockBytes), lines.toString());
    }

    private List<String> runUnprivileged(String blockCount, String blockBytes) throws Exception {
        return runUnprivileged(
                MEMLOCK_BYTES, WriteChild.class, "direct", blockCount, blockBytes, "4");
    }

    private List<String> runUnprivileged(long memlockBytes, Class<?> main, String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addFirst(openDirectory("open").toString());
        ChildJvm child = new ChildJvm().copiedTo(openDirectory("classes"));
        List<String> command = new ArrayList<>(List.of("prlimit", "--memlock=" + memlockBytes));
        if (isRoot()) {
            String user = String.valueOf(NOBODY);
            command.addAll(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups"));
        }
        return child.by(command.toArray(String[]::new)).run(main, arguments.toArray(String[]::new));
    }

    private Path openDirectory(String name) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path open = Files.createDirectory(directory.resolve(name));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        return open;
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }
}
