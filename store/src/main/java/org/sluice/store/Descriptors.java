package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the JDK does not tell about file descriptors: it throws without an error number. */
final class Descriptors {
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private Descriptors() {}

    /** Something that takes a descriptor and has done nothing if it got none. */
    interface Opening<T> {
        T open() throws IOException;
    }

    /**
     * Returns what {@code opening} does. Where it fails it may be because this process, or the
     * system, has no descriptor left (EMFILE, ENFILE): one is tried. One may have come free between
     * the two, so that it is opened once more; what is wrong otherwise is wrong again. Only for an
     * open: a sync that failed at such a moment has failed all the same.
     *
     * @throws AppendException EMFILE if there is none; {@code doing} names the act: "open"
     */
    static <T> T open(String doing, Path path, Opening<T> opening) throws IOException {
        try {
            return opening.open();
        } catch (IOException e) {
            if (FileFaults.errno(e) != Errno.EIO) {
                throw e;
            }
            if (areUsedUp()) {
                throw Errno.exception(Errno.EMFILE, doing, path, e);
            }
            return opening.open();
        }
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
