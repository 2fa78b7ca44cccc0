package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AppendException;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.Preallocation;
import org.sluice.store.StoreFile;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

@EnabledOnOs(OS.LINUX)
class LinuxSpaceAllocatorTest {
    private static final int PAGE_BYTES = 4096;
    private static final int BYTES = 3 * 1024 * 1024 + PAGE_BYTES;

    @TempDir private Path directory;

    private final LinuxSpaceAllocator allocator = new LinuxSpaceAllocator();

    @Test
    void zeroShouldFillOnlyWhatIsAskedFor() throws IOException {
        Path file = directory.resolve("file");
        Files.write(file, filled(PAGE_BYTES));
        if (!allocator.zero(file, PAGE_BYTES, BYTES)) {
            abort("no O_DIRECT in " + directory);
        }

        byte[] content = Files.readAllBytes(file);

        assertEquals(BYTES, content.length);
        for (int i = 0; i < content.length; i++) {
            assertEquals(i < PAGE_BYTES ? 1 : 0, content[i], "at " + i);
        }
    }

    @Test
    void zeroedFileShouldNotBeCached() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        if (!allocator.zero(file, 0, BYTES)) {
            abort("no O_DIRECT in " + directory);
        }

        assertEquals(0, cachedPages(file));
    }

    @Test
    void uncacheShouldEmptyTheCacheOfSyncedFile() throws IOException {
        FileSystemDirectory store =
                new FileSystemDirectory(directory, StorePermissions.DEFAULT, allocator);
        Path file = directory.resolve("file");
        Files.write(file, filled(BYTES));
        assertEquals(BYTES / PAGE_BYTES, cachedPages(file));

        try (StoreFile open = store.openForWriting("file")) {
            open.sync();
            open.uncache();
        }

        if (!Files.getFileStore(directory).type().equals("tmpfs")) {
            assertEquals(0, cachedPages(file));
        }
        assertEquals(BYTES, Files.readAllBytes(file).length);
    }

    @Test
    void unalignedRangeShouldBeLeftToTheCaller() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertFalse(allocator.zero(file, 0, PAGE_BYTES + 1));
        assertEquals(0, Files.size(file));
    }

    @Test
    void missingFileShouldBeNamed() {
        Path file = directory.resolve("absent");

        AppendException reserved =
                assertThrows(AppendException.class, () -> allocator.reserve(file, PAGE_BYTES));
        AppendException zeroed =
                assertThrows(AppendException.class, () -> allocator.zero(file, 0, PAGE_BYTES));

        assertEquals(AppendException.Code.NOT_FOUND, reserved.code());
        assertEquals(AppendException.Code.NOT_FOUND, zeroed.code());
        assertEquals(file, zeroed.file());
    }

    @Test
    void fileOfAnySizeShouldBeAllocatedByEitherMeans() throws IOException {
        FileSystemDirectory store =
                new FileSystemDirectory(directory, StorePermissions.DEFAULT, allocator);
        for (Preallocation how : new Preallocation[] {Preallocation.RESERVE, Preallocation.ZERO}) {
            for (int bytes : new int[] {100, PAGE_BYTES, BYTES}) {
                String name = how + "-" + bytes;
                try (StoreFile file = store.create(name)) {
                    file.allocate(bytes, how);
                    assertEquals(bytes, file.size());
                }
                for (byte b : Files.readAllBytes(directory.resolve(name))) {
                    assertTrue(b == 0, name);
                }
            }
        }
    }

    private static byte[] filled(int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 1);
        return content;
    }

    /** Pages of the file that are in memory, by mincore(2). */
    private static int cachedPages(Path file) throws IOException {
        int pages = 0;
        try (FileChannel channel = FileChannel.open(file);
                Arena arena = Arena.ofConfined()) {
            for (long at = 0; at < channel.size(); at += PAGE_BYTES) {
                if (channel.map(FileChannel.MapMode.READ_ONLY, at, PAGE_BYTES, arena).isLoaded()) {
                    pages++;
                }
            }
        }
        return pages;
    }
}
