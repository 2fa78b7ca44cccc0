package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.nio.file.Files;
import java.nio.file.LinkOption;
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
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new AppendException(
                    AppendException.Code.NOT_A_LOG,
                    "cannot open " + path + ": it is not a regular file",
                    path,
                    null);
        }
        int fd = Libc.open(path, flags | Libc.O_NOFOLLOW, 0);
        if (fd < 0) {
            throw Errno.exception(-fd, "open", path);
        }
        return fd;
    }
}
