package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens what may be a log's file: no symbolic link, and no pipe or device, on which an open may
 * hang.
 */
final class RegularFile {
    private RegularFile() {}

    /**
     * open(2) of a file that exists.
     *
     * @return a descriptor
     * @throws AppendException that names the file
     */
    static int open(Path path, int flags) {
        try {
            FileSystemDirectory.requireRegular(path);
        } catch (IOException missing) {
            // open(2) says why.
        }
        int fd = Libc.open(path, flags | Libc.O_NOFOLLOW, 0);
        if (fd < 0) {
            throw Errno.exception(-fd, "open", path);
        }
        return fd;
    }
}
