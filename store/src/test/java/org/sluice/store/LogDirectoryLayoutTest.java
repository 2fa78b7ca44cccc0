package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

class LogDirectoryLayoutTest {
    @TempDir Path temporary;

    @Test
    void missingDirectoryShouldBeCreatedForItsOwnerAlone() throws IOException {
        Path directory = temporary.resolve("log");

        prepare(directory);

        assertTrue(Files.isDirectory(directory));
        if (StorePermissions.supportedAt(directory)) {
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
        }
    }

    @Test
    void existingDirectoryShouldKeepItsPermissions() throws IOException {
        assumeTrue(StorePermissions.supportedAt(temporary), "no POSIX permissions here");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));

        prepare(temporary);

        assertEquals(
                "rwxr-xr-x",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary)));
    }

    @Test
    void missingParentShouldBeToldAndNotCreated() {
        Path directory = temporary.resolve("a/b");

        assertFault(
                AppendException.Code.NOT_FOUND, temporary.resolve("a"), () -> prepare(directory));
        assertFalse(Files.exists(temporary.resolve("a")));
    }

    @Test
    void fileInPlaceOfDirectoryShouldBeTold() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));

        assertFault(AppendException.Code.NOT_A_LOG, file, () -> prepare(file));
        assertFault(
                AppendException.Code.NOT_A_LOG,
                file,
                () -> LogDirectoryLayout.checkForReading(file));
        assertFault(AppendException.Code.NOT_FOUND, file, () -> prepare(file.resolve("log")));
    }

    @Test
    void missingLogShouldBeToldToReaders() {
        Path directory = temporary.resolve("log");

        assertFault(
                AppendException.Code.NOT_FOUND,
                directory,
                () -> LogDirectoryLayout.checkForReading(directory));
        assertFalse(Files.exists(directory));
    }

    @Test
    void emptyDirectoryShouldBeNoLogToLookAt() throws IOException {
        Files.createDirectory(temporary.resolve("lost+found"));

        LogDirectoryLayout.checkForReading(temporary);
        assertFault(
                AppendException.Code.NOT_FOUND,
                temporary,
                () -> LogDirectoryLayout.checkForLog(temporary));
        Files.createFile(temporary.resolve(LogDirectoryLayout.LOCK));
        LogDirectoryLayout.checkForLog(temporary);
    }

    @Test
    void foreignFilesShouldBeNamed() throws IOException {
        for (String name : List.of("a.txt", "b.txt", "c.txt", "d.txt", "1.seg")) {
            Files.createFile(temporary.resolve(name));
        }

        AppendException e = assertThrows(AppendException.class, () -> prepare(temporary));

        assertSame(AppendException.Code.NOT_A_LOG, e.code());
        assertTrue(e.getMessage().contains(": 1.seg, a.txt, b.txt and 2 more;"), e.getMessage());
        assertThrows(AppendException.class, () -> LogDirectoryLayout.checkForReading(temporary));
    }

    @Test
    void readersShouldBearForeignFilesBesideSegments() throws IOException {
        Files.createFile(temporary.resolve("notes.txt"));
        Files.createFile(temporary.resolve(SegmentDescriptor.fileName(1)));

        LogDirectoryLayout.checkForReading(temporary);
        assertThrows(AppendException.class, () -> prepare(temporary));
    }

    @Test
    void filesOfALogShouldBeKnown() throws IOException {
        for (String name :
                List.of(
                        LogDirectoryLayout.LOCK,
                        LogDirectoryLayout.probeName(),
                        LogDirectoryLayout.DAMAGED_PREFIX + SegmentDescriptor.fileName(1),
                        LogDirectoryLayout.spareName(7),
                        SegmentDescriptor.fileName(2),
                        "lost+found")) {
            Files.createFile(temporary.resolve(name));
        }

        prepare(temporary);
        LogDirectoryLayout.checkForReading(temporary);
    }

    @Test
    void readOnlyDirectoryShouldBeToldToWritersOnly() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 64 * 1024)) {
            filesystem.readOnly(true);

            assertFault(
                    AppendException.Code.ACCESS_DENIED,
                    filesystem.root(),
                    () -> prepare(filesystem.root()));
            assertFault(
                    AppendException.Code.ACCESS_DENIED,
                    filesystem.root().resolve("log"),
                    () -> prepare(filesystem.root().resolve("log")));
            LogDirectoryLayout.checkForReading(filesystem.root());
        }
    }

    @Test
    void spareNamesShouldComeBackAsNumbers() {
        assertEquals("0000000000000012.spare", LogDirectoryLayout.spareName(12));
        assertEquals(12, LogDirectoryLayout.spareNumberOf("0000000000000012.spare"));
        assertEquals(-1, LogDirectoryLayout.spareNumberOf("0000000000000012.seg"));
        assertEquals(-1, LogDirectoryLayout.spareNumberOf(LogDirectoryLayout.probeName()));
        assertEquals(-1, LogDirectoryLayout.spareNumberOf("x.spare"));
    }

    @Test
    void segmentNumbersShouldLeaveEverythingElseOut() {
        List<String> names =
                List.of("0000000000000003.seg", "0000000000000007.seg", "LOCK", "x.seg");

        assertArrayEquals(new long[] {3, 7}, LogDirectoryLayout.segmentNumbers(names));
    }

    private static void prepare(Path directory) {
        LogDirectoryLayout.prepareForWriting(directory, StorePermissions.DEFAULT);
    }

    private static void assertFault(AppendException.Code code, Path path, Runnable call) {
        AppendException e = assertThrows(AppendException.class, call::run);
        assertSame(code, e.code(), e.getMessage());
        assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    }
}
