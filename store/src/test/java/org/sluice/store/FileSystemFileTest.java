package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

class FileSystemFileTest {
    @TempDir Path temporary;

    private FileSystemDirectory directory() {
        return new FileSystemDirectory(temporary);
    }

    @Test
    void fileShouldGiveBackWhatWasWritten() {
        try (StoreFile file = directory().create("a")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 10);
            file.sync();

            assertEquals(13, file.size());
            assertArrayEquals(new byte[] {0, 1, 2, 3}, read(file, 9, 4));
        }
    }

    @Test
    void readShouldBeShortAtEndOfFile() {
        try (StoreFile file = directory().create("a")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);

            ByteBuffer target = ByteBuffer.allocate(8);
            assertEquals(2, file.read(target, 1));
            assertEquals(2, target.position());
            assertEquals(0, file.read(target, 3));
            assertEquals(0, file.read(target, 1L << 40));
        }
    }

    /** The process's own memory is a file that ends in places where nothing can be read. */
    @Test
    void readShouldEndBeforeAPlaceThatCannotBeRead() throws IOException {
        Path self = Path.of("/proc/self");
        assumeTrue(Files.isReadable(self.resolve("mem")), "no memory to be read as a file");
        long hole = endOfMapping(Files.readAllLines(self.resolve("maps")));
        try (StoreFile file = new FileSystemDirectory(self).openForReading("mem")) {
            ByteBuffer target = ByteBuffer.allocate(100);

            assertEquals(60, file.read(target, hole - 60));
            assertEquals(60, target.position());
            AppendException e = assertThrows(AppendException.class, () -> file.read(target, hole));
            assertTrue(FileFaults.isUnreadable(e), e.getMessage());
            assertTrue(e.getMessage().contains("at position " + hole), e.getMessage());
        }
    }

    /** Where the mapping of a file, which stays, ends and no other begins. */
    private static long endOfMapping(List<String> maps) {
        for (int i = 0; i + 1 < maps.size(); i++) {
            String line = maps.get(i);
            String end = line.substring(line.indexOf('-') + 1, line.indexOf(' '));
            boolean isFile = line.contains(" r") && line.contains("/");
            if (isFile && !maps.get(i + 1).startsWith(end + "-")) {
                return Long.parseLong(end, 16);
            }
        }
        throw new AssertionError("no mapping ends before a hole");
    }

    @Test
    void allocateShouldGrowWithZerosAndNeverShrink() {
        for (Preallocation how :
                List.of(Preallocation.SPARSE, Preallocation.RESERVE, Preallocation.ZERO)) {
            String name = how.name();
            try (StoreFile file = directory().create(name)) {
                file.write(ByteBuffer.wrap(new byte[] {7}), 0);
                file.allocate(3_000_001, how);

                assertEquals(3_000_001, file.size());
                assertArrayEquals(new byte[] {7, 0}, read(file, 0, 2));
                assertArrayEquals(new byte[1000], read(file, 2_999_001, 1000));
                file.allocate(10, how);
                assertEquals(3_000_001, file.size());
            }
        }
    }

    @Test
    void allocateShouldUseTheAllocatorForReserveOnly() {
        AtomicReference<String> asked = new AtomicReference<>();
        SpaceAllocator allocator =
                (file, bytes) -> {
                    asked.set(file.getFileName() + " " + bytes);
                    return true;
                };
        FileSystemDirectory directory =
                new FileSystemDirectory(temporary, StorePermissions.DEFAULT, allocator);

        try (StoreFile file = directory.create("a")) {
            file.allocate(1000, Preallocation.ZERO);
            file.allocate(2000, Preallocation.SPARSE);
            assertNull(asked.get());
            file.allocate(3000, Preallocation.RESERVE);
            assertThrows(
                    IllegalArgumentException.class, () -> file.allocate(1, Preallocation.AUTO));
        }

        assertEquals("a 3000", asked.get());
    }

    @Test
    void truncateShouldOnlyShorten() {
        try (StoreFile file = directory().create("a")) {
            file.write(ByteBuffer.wrap(new byte[100]), 0);

            file.truncate(200);
            assertEquals(100, file.size());
            file.truncate(30);
            assertEquals(30, file.size());
        }
    }

    @Test
    void openForReadingShouldNotBeAbleToWrite() throws IOException {
        Path path = Files.write(temporary.resolve("a"), new byte[] {1, 2});
        var modified = Files.getLastModifiedTime(path);

        try (StoreFile file = directory().openForReading("a")) {
            assertArrayEquals(new byte[] {1, 2}, read(file, 0, 2));
            assertThrows(
                    RuntimeException.class, () -> file.write(ByteBuffer.wrap(new byte[] {9}), 0));
            assertThrows(RuntimeException.class, () -> file.truncate(0));
        }

        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(path));
        assertEquals(modified, Files.getLastModifiedTime(path));
    }

    @Test
    void interruptedThreadShouldKeepItsFileAndItsInterrupt() {
        try (StoreFile file = directory().create("a")) {
            Thread.currentThread().interrupt();
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            assertArrayEquals(new byte[] {1, 2, 3}, read(file, 0, 3));
            file.sync();
            assertEquals(3, file.size());
            file.truncate(2);
            directory().sync();

            assertTrue(Thread.interrupted());
            assertEquals(2, file.size());
        }
    }

    @Test
    void interruptsInTheMiddleOfReadsShouldLoseNothing() throws InterruptedException {
        byte[] content = new byte[4 * 1024 * 1024];
        content[content.length - 1] = 5;
        try (StoreFile file = directory().create("a")) {
            file.write(ByteBuffer.wrap(content), 0);
        }
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        Thread reader =
                new Thread(
                        () -> {
                            try (StoreFile file = directory().openForReading("a")) {
                                for (int i = 0; i < 200; i++) {
                                    ByteBuffer target = ByteBuffer.allocateDirect(content.length);
                                    assertEquals(content.length, file.read(target, 0));
                                    assertEquals(5, target.get(content.length - 1));
                                }
                            } catch (Throwable e) {
                                failure.set(e);
                            } finally {
                                done.set(true);
                            }
                        });

        reader.start();
        while (!done.get()) {
            reader.interrupt();
            Thread.onSpinWait();
        }
        reader.join(TimeUnit.SECONDS.toMillis(20));

        assertNull(failure.get());
        assertFalse(reader.isAlive());
    }

    private static byte[] read(StoreFile file, long position, int length) {
        ByteBuffer target = ByteBuffer.allocate(length);
        assertEquals(length, file.read(target, position));
        return target.array();
    }
}
