package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

class DirectoryLockTest {
    private static final int TIMEOUT_S = 30;
    private static final int COLLECTIONS_MAX = 100;

    @TempDir Path directory;

    private DirectoryLock held;

    @AfterEach
    void release() {
        if (held != null) {
            held.close();
        }
    }

    @Test
    void secondAttemptInThisProcessShouldFail() {
        held = acquire();

        assertLockedBy(ProcessHandle.current().pid());
        assertLockedBy(ProcessHandle.current().pid());
        held.close();
        acquire().close();
    }

    @Test
    void otherPathToTheSameDirectoryShouldBeTheSame() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("damaged-link"), directory);
        held = acquire();

        AppendException e =
                assertThrows(
                        AppendException.class,
                        () -> DirectoryLock.acquire(link, StorePermissions.DEFAULT));

        assertSame(AppendException.Code.LOCKED, e.code());
    }

    @Test
    void lockShouldStandAgainstAnotherProcessAfterAFailedAttemptInThisOne() throws Exception {
        held = acquire();
        assertLockedBy(ProcessHandle.current().pid());

        assertRefusedToAnotherProcess();
    }

    /** The register may be gone: closing the file it then opens would free the first lock. */
    @Test
    void lockShouldStandEvenIfTheRegisterIsLost() throws Exception {
        held = acquire();
        System.getProperties().keySet().removeIf(key -> key.toString().contains("sluice.lock"));
        assertLockedBy(ProcessHandle.current().pid());

        assertRefusedToAnotherProcess();
    }

    /** The threads of a log that was dropped without being closed go on writing. */
    @Test
    void lockThatNobodyRefersToShouldStand() throws Exception {
        WeakReference<DirectoryLock> lock = new WeakReference<>(acquire());
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        for (int i = 0; i < COLLECTIONS_MAX && garbage.get() != null; i++) {
            System.gc();
        }
        assumeTrue(garbage.get() == null, "this JVM does not collect when it is asked to");

        held = lock.get();

        assertNotNull(held, "the lock was collected");
        assertRefusedToAnotherProcess();
    }

    @Test
    void otherProcessShouldBeNamedAndItsEndShouldFreeTheLock() throws Exception {
        Process other = spawn();
        try {
            assertEquals(LockHolder.HELD, firstLine(other));
            assertLockedBy(other.pid());
            assertLockedBy(other.pid());
        } finally {
            other.destroyForcibly();
            assertTrue(other.waitFor(TIMEOUT_S, TimeUnit.SECONDS));
        }

        acquire().close();
    }

    @Test
    void orderlyEndShouldFreeTheLock() throws Exception {
        Process other = spawn();
        assertEquals(LockHolder.HELD, firstLine(other));
        other.getOutputStream().close();
        assertTrue(other.waitFor(TIMEOUT_S, TimeUnit.SECONDS));

        acquire().close();
        assertEquals(0, other.exitValue());
    }

    @Test
    void interruptedThreadShouldGetTheLockAndKeepItsInterrupt() {
        Thread.currentThread().interrupt();
        DirectoryLock lock = acquire();

        assertTrue(Thread.interrupted());
        assertLockedBy(ProcessHandle.current().pid());
        lock.close();
        lock.close();
    }

    @Test
    void failedAttemptShouldLeaveNothingHeld() {
        Path missing = directory.resolve("missing");
        Set<String> before = System.getProperties().stringPropertyNames();

        AppendException e =
                assertThrows(
                        AppendException.class,
                        () -> DirectoryLock.acquire(missing, StorePermissions.DEFAULT));

        assertSame(AppendException.Code.NOT_FOUND, e.code());
        assertEquals(before, System.getProperties().stringPropertyNames());
    }

    @Test
    void lockFileShouldBeTheOwnersAlone() throws IOException {
        assumeTrue(StorePermissions.supportedAt(directory), "no POSIX permissions here");
        acquire().close();

        Path file = directory.resolve(LogDirectoryLayout.LOCK);
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    private DirectoryLock acquire() {
        return DirectoryLock.acquire(directory, StorePermissions.DEFAULT);
    }

    private void assertLockedBy(long pid) {
        AppendException e = assertThrows(AppendException.class, this::acquire);
        assertSame(AppendException.Code.LOCKED, e.code());
        assertTrue(e.getMessage().contains("process " + pid), e.getMessage());
        assertEquals(directory, e.file());
    }

    private void assertRefusedToAnotherProcess() throws Exception {
        Process other = spawn();
        assertNull(firstLine(other), "another process got the lock");
        assertTrue(other.waitFor(TIMEOUT_S, TimeUnit.SECONDS));
        assertEquals(1, other.exitValue());
    }

    private Process spawn() throws IOException {
        return new ProcessBuilder(JavaCommand.of(List.of(), LockHolder.class, directory))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String firstLine(Process process) throws IOException {
        return process.inputReader().readLine();
    }
}
