package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the JDK does not tell about file descriptors: it throws without an error number. */
final class Descriptors {
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private Descriptors() {}

    /** Whether this process, or the system, has none left now (EMFILE, ENFILE): one is tried. */
    static boolean areUsedUp() {
        try (FileChannel opened = FileChannel.open(NULL_DEVICE)) {
            return !opened.isOpen();
        } catch (NoSuchFileException elsewhere) {
            return false;
        } catch (IOException none) {
            return true;
        }
    }
}
