package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

class FileSystemDirectoryTest {
    @TempDir Path temporary;

    private FileSystemDirectory directory() {
        return new FileSystemDirectory(temporary);
    }

    @Test
    void emptyPathShouldBeTheWorkingDirectory() {
        FileSystemDirectory here = new FileSystemDirectory(Path.of(""));

        assertEquals(Path.of(".", "a"), here.resolve("a"));
    }

    @Test
    void filesShouldBeTheOwnersAlone() throws IOException {
        assumeTrue(StorePermissions.supportedAt(temporary), "no POSIX permissions here");
        directory().create("a").close();

        assertEquals("rw-------", permissions("a"));
    }

    @Test
    void filesShouldGetThePermissionsAskedForWhateverTheUmask() throws IOException {
        assumeTrue(StorePermissions.supportedAt(temporary), "no POSIX permissions here");
        StorePermissions shared =
                new StorePermissions(
                        PosixFilePermissions.fromString("rw-rw-rw-"),
                        PosixFilePermissions.fromString("rwxrwxrwx"));

        new FileSystemDirectory(temporary, shared, SpaceAllocator.NONE).create("a").close();

        assertEquals("rw-rw-rw-", permissions("a"));
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(temporary.resolve(name)));
    }

    @Test
    void listShouldBeSorted() {
        FileSystemDirectory directory = directory();
        for (String name : List.of("c", "a", "b")) {
            directory.create(name).close();
        }

        assertEquals(List.of("a", "b", "c"), directory.list());
    }

    @Test
    void renameShouldReplaceAndDeleteRemove() {
        FileSystemDirectory directory = directory();
        directory.create("a").close();
        try (StoreFile file = directory.create("b")) {
            file.write(ByteBuffer.wrap(new byte[5]), 0);
        }

        directory.rename("b", "a");
        directory.sync();
        assertEquals(List.of("a"), directory.list());
        try (StoreFile file = directory.openForReading("a")) {
            assertEquals(5, file.size());
        }
        directory.delete("a");
        assertEquals(List.of(), directory.list());
    }

    @Test
    void faultsShouldNameFileAndCode() throws IOException {
        FileSystemDirectory directory = directory();
        directory.create("a").close();

        assertFault(
                AppendException.Code.NOT_FOUND,
                "missing",
                () -> directory.openForReading("missing"));
        assertFault(
                AppendException.Code.NOT_FOUND,
                "missing",
                () -> directory.openForWriting("missing"));
        assertFault(AppendException.Code.NOT_FOUND, "missing", () -> directory.delete("missing"));
        assertFault(
                AppendException.Code.NOT_FOUND, "missing", () -> directory.rename("missing", "b"));
        assertFault(AppendException.Code.IO, "a", () -> directory.create("a"));
        StoreFile closed = directory.openForWriting("a");
        closed.close();
        assertFault(AppendException.Code.IO, "a", closed::sync);
        assertFault(AppendException.Code.IO, "a", closed::size);
        FileSystemDirectory gone = new FileSystemDirectory(temporary.resolve("gone"));
        assertFault(AppendException.Code.NOT_FOUND, "gone", gone::list);
        assertFault(AppendException.Code.NOT_FOUND, "gone", gone::usableBytes);
        assertTrue(directory.usableBytes() > 0);
    }

    private void assertFault(AppendException.Code code, String name, Runnable call) {
        AppendException e = assertThrows(AppendException.class, call::run);
        assertSame(code, e.code(), e.getMessage());
        assertEquals(temporary.resolve(name), e.file());
        assertTrue(e.getMessage().contains(temporary.resolve(name).toString()), e.getMessage());
    }

    @Test
    void onlyNamesShouldBeTaken() {
        assertThrows(IllegalArgumentException.class, () -> directory().create("../a"));
        assertThrows(IllegalArgumentException.class, () -> directory().openForReading("b/a"));
        assertThrows(IllegalArgumentException.class, () -> directory().delete("/etc/passwd"));
    }

    @Test
    void onlyRegularFilesShouldBeOpened() throws IOException, InterruptedException {
        Path target = Files.write(temporary.resolve("target"), new byte[] {1});
        Files.createSymbolicLink(temporary.resolve("link"), target);
        Files.createDirectory(temporary.resolve("directory"));
        assumeTrue(
                new ProcessBuilder("mkfifo", temporary.resolve("pipe").toString()).start().waitFor()
                        == 0,
                "cannot make a pipe");

        for (String name : List.of("link", "directory", "pipe")) {
            assertFault(
                    AppendException.Code.NOT_A_LOG, name, () -> directory().openForReading(name));
            assertFault(
                    AppendException.Code.NOT_A_LOG, name, () -> directory().openForWriting(name));
        }
    }

    /** As when a reader looks at a segment that retention gives up. */
    @Test
    void fileDeletedMeanwhileShouldBeMissing() throws InterruptedException {
        AtomicBoolean isOver = new AtomicBoolean();
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!isOver.get()) {
                                        directory().create("a").close();
                                        directory().delete("a");
                                    }
                                });
        try {
            for (int i = 0; i < 20_000; i++) {
                try (StoreFile file = directory().openForReading("a")) {
                    assertEquals(0, file.size());
                } catch (AppendException missing) {
                    assertSame(AppendException.Code.NOT_FOUND, missing.code(), "try " + i);
                }
            }
        } finally {
            isOver.set(true);
            other.join();
        }
    }

    @Test
    void directorySyncShouldBeThereOnLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");

        assertTrue(directory().syncSupport().available(), directory().syncSupport().reason());
    }

    @Test
    void fullDiskShouldBeToldApart() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 256 * 1024)) {
            FileSystemDirectory directory = new FileSystemDirectory(filesystem.root());
            try (StoreFile file = directory.create("a")) {
                AppendException e =
                        assertThrows(
                                AppendException.class,
                                () -> file.allocate(1024 * 1024, Preallocation.ZERO));

                assertSame(AppendException.Code.DISK_FULL, e.code());
                assertEquals(Errno.ENOSPC, e.errno());
                assertEquals(filesystem.root().resolve("a"), e.file());
            }
        }
    }

    @Test
    void readOnlyFilesystemShouldBeToldApart() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 256 * 1024)) {
            FileSystemDirectory directory = new FileSystemDirectory(filesystem.root());
            directory.create("a").close();
            filesystem.readOnly(true);

            for (Runnable call :
                    List.<Runnable>of(
                            () -> directory.create("b"),
                            () -> directory.openForWriting("a"),
                            () -> directory.rename("a", "b"),
                            () -> directory.delete("a"))) {
                AppendException e = assertThrows(AppendException.class, call::run);
                assertSame(AppendException.Code.ACCESS_DENIED, e.code(), e.getMessage());
                assertEquals(Errno.EROFS, e.errno());
            }
            directory.openForReading("a").close();
        }
    }
}
