package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Who may read a log: nobody else, unless told otherwise. */
final class PermissionsTest extends LogFixture {
    private static final long SEGMENT_BYTES = 256 * 1024;

    @Test
    void filesShouldBeTheOwnersAlone() throws IOException {
        fill(config());

        assertPermissions("rwx------", "rw-------");
    }

    @Test
    void permissionsShouldBeWhatWasAskedFor() throws IOException {
        fill(config().filePermissions(PosixFilePermissions.fromString("rw-r-----")));

        assertPermissions("rwxr-x---", "rw-r-----");
    }

    /** Leaves segments sealed, recycled and last written to. */
    private void fill(AppendLogConfig.Builder config) {
        try (AppendLog log =
                open(config.segmentBytes(SEGMENT_BYTES).retentionBytes(2 * SEGMENT_BYTES))) {
            for (int i = 0; i < 8 * SEGMENT_BYTES / 1_000; i++) {
                log.append(Entry.payload(0, i, 1_000));
            }
            log.sync();
            assertTrue(log.stats().rolls() > 4, "rolls: " + log.stats().rolls());
        }
    }

    private void assertPermissions(String ofDirectory, String ofFiles) throws IOException {
        assertEquals(ofDirectory, permissions(directory()));
        try (Stream<Path> files = Files.list(directory())) {
            List<Path> all = files.toList();
            assertTrue(all.size() >= 3, all::toString);
            for (Path file : all) {
                assertEquals(ofFiles, permissions(file), file.toString());
            }
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
