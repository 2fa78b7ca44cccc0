package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.Errno;
import org.sluice.store.SpaceAllocator;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Blocks by fallocate(2), zeros by O_DIRECT, and an empty page cache by posix_fadvise(2). Any
 * thread.
 *
 * <p>Design note: a page that the cache still holds makes the first O_DIRECT write over it leave
 * its fast path for a kernel worker, and zeros written through the cache would push out what is of
 * use.
 */
final class LinuxSpaceAllocator implements SpaceAllocator {
    private static final int INTERRUPTIONS_MAX = 100;
    private static final int ZEROS_BYTES = 1024 * 1024;

    @Override
    public boolean reserve(Path file, long bytes) {
        int fd = RegularFile.open(file, Libc.O_RDWR);
        try {
            return reserve(fd, file, 0, bytes);
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public boolean zero(Path file, long position, long bytes) {
        if (((position | bytes) & (AlignedBlockPool.PAGE_BYTES - 1)) != 0) {
            return false;
        }
        int fd = Libc.open(file, Libc.O_RDWR | Libc.O_DIRECT | Libc.O_NOFOLLOW, 0);
        if (fd == -Errno.EINVAL) {
            return false;
        }
        if (fd < 0) {
            throw Errno.exception(-fd, "open", file);
        }
        try {
            // In one piece first: then a full disk shows before anything was written.
            reserve(fd, file, position, bytes - position);
            writeZeros(fd, file, position, bytes);
            return true;
        } finally {
            Libc.close(fd);
        }
    }

    @Override
    public void uncache(Path file) {
        int fd = RegularFile.open(file, Libc.O_RDONLY);
        // It is advice: where it is not taken, the first writes are slower.
        Libc.uncache(fd);
        Libc.close(fd);
    }

    private static boolean reserve(int fd, Path file, long position, long bytes) {
        int result = Libc.fallocate(fd, position, bytes);
        for (int i = 0; i < INTERRUPTIONS_MAX && result == -Errno.EINTR; i++) {
            result = Libc.fallocate(fd, position, bytes);
        }
        if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOSYS || result == -Errno.EINTR) {
            // A filesystem that a signal always stops can't: what is written then does the same.
            return false;
        }
        if (result < 0) {
            throw Errno.exception(-result, "reserve " + bytes + " bytes for", file);
        }
        return true;
    }

    private static void writeZeros(int fd, Path file, long from, long to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(ZEROS_BYTES, AlignedBlockPool.PAGE_BYTES);
            for (long position = from; position < to; ) {
                long length = Math.min(ZEROS_BYTES, to - position);
                position += writeOnce(fd, file, zeros.address(), length, position);
            }
        }
    }

    /** Returns the whole pages written: O_DIRECT goes on only where a page begins. */
    private static long writeOnce(int fd, Path file, long address, long length, long position) {
        long written = Libc.pwrite(fd, address, length, position);
        for (int i = 0; i < INTERRUPTIONS_MAX && written == -Errno.EINTR; i++) {
            written = Libc.pwrite(fd, address, length, position);
        }
        if (written < 0) {
            throw Errno.exception((int) -written, "write zeros to", file);
        }
        long whole = written & -(long) AlignedBlockPool.PAGE_BYTES;
        if (whole == 0) {
            throw Errno.exception(Errno.EIO, "write zeros to", file);
        }
        return whole;
    }
}
