package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

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
        if (isSomethingElse(path)) {
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

    /** In one look: between two the file may be deleted, and a missing one is no such fault. */
    private static boolean isSomethingElse(Path path) {
        try {
            return !Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile();
        } catch (IOException missing) {
            // open(2) says why.
            return false;
        }
    }
}
