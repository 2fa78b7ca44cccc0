package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.lmax.disruptor.Sequencer;

import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.fallback.ChannelStorage;
import org.sluice.ring.UringStorage;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.JavaCommand;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Places where no log can be opened: a sentence that says why, and nothing changed. */
final class DirectoryAccessTest extends LogFixture {
    private static final String NOBODY = "65534";

    @Test
    void fileShouldBeNoDirectoryOfALog() throws IOException {
        Files.writeString(directory(), "text");

        AppendException thrown = assertFails(Code.NOT_A_LOG, this::open);

        assertTrue(thrown.getMessage().contains(directory().toString()), thrown.getMessage());
        assertEquals("text", Files.readString(directory()));
    }

    @Test
    void missingParentShouldNotBeMade() {
        Path deep = directory().resolve("deeper");

        AppendException thrown =
                assertFails(Code.NOT_FOUND, () -> AppendLog.open(deep, config().build()));

        assertTrue(thrown.getMessage().contains(directory().toString()), thrown.getMessage());
        assertTrue(Files.notExists(directory()));
    }

    /** As where a filesystem is not mounted. */
    @Test
    void noLogShouldBeBegunWhereOneWasExpected() throws IOException {
        AppendLogConfig.Builder existing = config().createIfMissing(false);

        assertFails(Code.NOT_FOUND, () -> open(existing));
        assertTrue(Files.notExists(directory()));
        Files.createDirectory(directory());
        assertFails(Code.NOT_FOUND, () -> open(existing));
        try (Stream<Path> files = Files.list(directory())) {
            assertEquals(0, files.count());
        }
        open().close();
        open(existing).close();
    }

    @Test
    void secondLogShouldBeToldWhoHoldsTheDirectory() {
        try (AppendLog log = open()) {
            log.awaitDurable(log.append(new byte[3]));

            AppendException thrown = assertFails(Code.LOCKED, this::open);

            String pid = "process " + ProcessHandle.current().pid();
            assertTrue(thrown.getMessage().contains(pid), thrown.getMessage());
            assertEquals(directory(), thrown.file());
            log.awaitDurable(log.append(new byte[3]));
        }
        assertEquals(2, readAll().size());
    }

    /** Root may do anything, so the attempt is another user's. */
    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @CsvSource({"rwx------, read", "rwxr-xr-x, written"})
    void otherUserShouldBeToldWhatIsDenied(String permissions, String denied) throws Exception {
        assumeRoot();
        open().close();
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString(permissions));

        String said = openAsNobody();

        assertTrue(said.startsWith("open ACCESS_DENIED "), said);
        assertTrue(said.contains("cannot be " + denied), said);
        open().close();
    }

    /** It can't be synced then, so a log has to be there already. */
    @EnabledOnOs(OS.LINUX)
    @Test
    void parentThatCannotBeReadShouldOnlyBeInTheWayOfNewLogs() throws Exception {
        assumeRoot();
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx-wx-wx"));

        String saidOfNone = openAsNobody();
        boolean isLeftBehind = Files.exists(directory());
        Files.createDirectory(directory());
        Files.setAttribute(directory(), "unix:uid", Integer.valueOf(NOBODY));
        String saidOfOne = openAsNobody();

        assertTrue(saidOfNone.startsWith("open ACCESS_DENIED "), saidOfNone);
        assertFalse(isLeftBehind);
        assertTrue(saidOfOne.startsWith("open OK"), saidOfOne);
    }

    /** The probe's ring is small, the log's is not: AUTO must not pick what can't be made. */
    @EnabledOnOs(OS.LINUX)
    @Test
    void logWhoseRingCannotBeLockedShouldFallBack() throws Exception {
        assumeRoot();
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(directory());
        Files.setAttribute(directory(), "unix:uid", Integer.valueOf(NOBODY));

        String said =
                runAsNobody(
                        List.of("prlimit", "--memlock=65536"), ManyBlocksChild.class, directory());

        assertTrue(said.contains("opened over CHANNEL: io_uring does not run here: "), said);
        assertTrue(said.contains("(ENOMEM)"), said);
    }

    private static void assumeRoot() throws IOException {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can become another user");
    }

    private String openAsNobody() throws Exception {
        return runAsNobody(List.of(), AppendingChild.class, directory(), backend, 1);
    }

    private String runAsNobody(List<String> prefix, Class<?> main, Object... arguments)
            throws Exception {
        Path classes = Files.createTempDirectory(temp, "classes");
        Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
        String classPath =
                JavaCommand.copyClasses(
                        classes,
                        AppendLog.class,
                        AppendingChild.class,
                        UringStorage.class,
                        ChannelStorage.class,
                        AppendException.class,
                        DirectBuffer.class,
                        Sequencer.class,
                        Histogram.class);
        ProcessBuilder builder = ChildJvm.of(main, arguments);
        List<String> words = builder.command();
        words.set(words.indexOf("-cp") + 1, classPath);
        words.addAll(0, List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
        words.addAll(0, prefix);
        Process child = builder.redirectErrorStream(true).start();
        try {
            return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            child.destroyForcibly();
        }
    }
}
