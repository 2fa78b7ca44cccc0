package org.sluice.ring.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

@EnabledOnOs(OS.LINUX)
class LibcTest {
    @TempDir private Path directory;

    /** An errno read some time after the call is whatever the JVM left there. */
    @Test
    void failuresShouldBringTheirErrno() {
        assertEquals(-Errno.ENOENT, Libc.open(directory.resolve("absent"), Libc.O_RDONLY, 0));
        assertEquals(-Errno.EISDIR, Libc.open(directory, Libc.O_RDWR, 0));
        assertEquals(-Errno.EBADF, Libc.close(-1));
        assertEquals(-Errno.EBADF, Libc.fdatasync(-1));
        assertEquals(-Errno.EBADF, Libc.fallocate(-1, 0, 1));
        assertEquals(-Errno.EBADF, Libc.size(-1));
        assertEquals(-Errno.EBADF, Libc.pwrite(-1, 0, 0, 0));
        assertEquals(-Errno.EBADF, Libc.directAlignBytes(-1));
        assertEquals(-Errno.ENOENT, Libc.directAlignBytes(directory.resolve("absent")));
    }

    @Test
    void openShouldNotFollowLinksWhereAsked() throws IOException {
        Path target = Files.createFile(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);

        assertEquals(-Errno.ELOOP, Libc.open(link, Libc.O_RDONLY | Libc.O_NOFOLLOW, 0));
    }

    @Test
    void namesBeyondAsciiShouldReachTheKernel() throws IOException {
        Path file = Files.createFile(directory.resolve("Straße"));

        int fd = Libc.open(file, Libc.O_RDONLY, 0);

        assertTrue(fd >= 0);
        assertEquals(0, Libc.close(fd));
    }

    @Test
    void positionsShouldBe64BitsWide() throws IOException {
        long position = 5L << 30;
        Path file = directory.resolve("sparse");
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        int fd = Libc.open(file, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL, 0600);
        try {
            assertEquals(512, Libc.pwrite(fd, pool.block(0).address(), 512, position));
            assertEquals(position + 512, Libc.size(fd));
            assertEquals(0, Libc.fdatasync(fd));
        } finally {
            Libc.close(fd);
        }
        assertEquals(position + 512, Files.size(file));
    }

    @Test
    void fallocateShouldReserveAndExtend() throws IOException {
        Path file = directory.resolve("reserved");
        int fd = Libc.open(file, Libc.O_RDWR | Libc.O_CREAT, 0600);
        try {
            assertEquals(0, Libc.fallocate(fd, 0, 1 << 20));
        } finally {
            Libc.close(fd);
        }
        assertEquals(1 << 20, Files.size(file));
    }
}
