package org.sluice.bench.peer;

import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The native libaio of Artemis. It looks for it on {@code java.library.path}, which is fixed when a
 * JVM starts; the jar has it inside. So it is taken out for the process that is to use it.
 */
final class ArtemisLibrary {
    private static final String NAME = "libartemis-native-64.so";
    private static final String RESOURCE = "/lib/linux-x86_64/" + NAME;

    /** Why it does not load here, or "". Trying once is enough. */
    private static final class Reason {
        private static final String TEXT = tryToLoad();
    }

    private ArtemisLibrary() {}

    static String reasonAgainst() {
        return Reason.TEXT;
    }

    @SuppressWarnings("restricted") // The jar is given native access.
    private static String tryToLoad() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return "has its native libaio for Linux on x86-64 only";
        }
        try {
            Path directory = Files.createTempDirectory("sluice-bench");
            try {
                System.load(extract(directory).toString());
                return "";
            } finally {
                // A loaded library needs its file no more.
                Files.deleteIfExists(directory.resolve(NAME));
                Files.delete(directory);
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            return "cannot load its native libaio: " + e.getMessage();
        }
    }

    /** Copies it into {@code directory}. */
    static Path extract(Path directory) throws IOException {
        Path file = directory.resolve(NAME).toAbsolutePath();
        try (InputStream in = AIOSequentialFileFactory.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the jar of Artemis has no " + RESOURCE);
            }
            Files.copy(in, file);
        }
        return file;
    }
}
