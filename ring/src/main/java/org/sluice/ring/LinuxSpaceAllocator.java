package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.Errno;
import org.sluice.store.SpaceAllocator;

import java.nio.file.Path;

/** Reserves blocks by fallocate(2). Any thread. */
final class FallocateAllocator implements SpaceAllocator {
    private static final int INTERRUPTIONS_MAX = 100;

    @Override
    public boolean reserve(Path file, long bytes) {
        int fd = UringIo.openDescriptor(file, Libc.O_RDWR);
        try {
            int result = Libc.fallocate(fd, 0, bytes);
            for (int i = 0; i < INTERRUPTIONS_MAX && result == -Errno.EINTR; i++) {
                result = Libc.fallocate(fd, 0, bytes);
            }
            if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOSYS) {
                return false;
            }
            if (result < 0) {
                throw Errno.exception(-result, "reserve " + bytes + " bytes for", file);
            }
            return true;
        } finally {
            Libc.close(fd);
        }
    }
}
