package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the JDK does not tell about file descriptors: it throws without an error number. */
final class Descriptors {
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private Descriptors() {}

    /**
     * Whether an open that failed with {@code cause} did so because this process, or the system,
     * has none left (EMFILE, ENFILE): one is tried. Only of an open, which has done nothing then; a
     * sync that failed at such a moment has failed all the same.
     */
    static boolean areLackingFor(IOException cause) {
        return FileFaults.errno(cause) == Errno.EIO && areUsedUp();
    }

    private static boolean areUsedUp() {
        try (FileChannel opened = FileChannel.open(NULL_DEVICE)) {
            return !opened.isOpen();
        } catch (NoSuchFileException elsewhere) {
            return false;
        } catch (IOException none) {
            return true;
        }
    }
}
