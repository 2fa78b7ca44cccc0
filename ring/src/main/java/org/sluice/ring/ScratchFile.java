package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.LogDirectoryLayout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file to try things on, which nobody else sees and which is gone when it is closed. */
final class ScratchFile {
    private static final int MODE = 0600;

    private ScratchFile() {}

    /**
     * Opens one for reading and writing.
     *
     * @param flags further flags of open(2), such as O_DIRECT
     * @return a descriptor, or a negated error number
     */
    static int open(Path directory, int flags) {
        int fd = Libc.open(directory, Libc.O_TMPFILE | Libc.O_RDWR | flags, MODE);
        // Not every filesystem has files without a name.
        return fd >= 0 ? fd : openNamed(directory, flags);
    }

    private static int openNamed(Path directory, int flags) {
        Path file = directory.resolve(LogDirectoryLayout.probeName());
        try {
            return Libc.open(file, Libc.O_CREAT | Libc.O_EXCL | Libc.O_RDWR | flags, MODE);
        } finally {
            // An open that failed for its flags may have made the file all the same.
            delete(file);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The directory can be written to, or there would be no file. What happened since is
            // reported by the first real operation on the directory.
            assert !Files.exists(file) : file;
        }
    }
}
