package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.SegmentDescriptor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An orderly close leaves its mark also where nothing was appended since a crash or a truncation:
 * without it damage to the last entries would be taken for the end of the log.
 */
class CloseMarkTest extends LogFixture {
    private static final int COUNT = 10;

    private void fill(AppendLog log) {
        for (int i = 0; i < COUNT; i++) {
            log.append(new byte[100]);
        }
        log.sync();
    }

    @Test
    void closeShouldMarkATruncatedLog() throws IOException {
        try (AppendLog log = open()) {
            fill(log);
            log.truncateAfter(6);
        }

        assertMarked(directory(), 7);
    }

    @Test
    void closeShouldMarkALogThatACrashLeftWithoutAMark() throws IOException {
        Path left = temp.resolve("left");
        Files.createDirectory(left);
        try (AppendLog log = open()) {
            fill(log);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(), "*.seg")) {
                for (Path file : files) {
                    Files.copy(file, left.resolve(file.getFileName()));
                }
            }
        }

        AppendLog.open(left, config().build()).close();

        assertMarked(left, COUNT);
    }

    @Test
    void closeShouldNotMarkTwice() throws IOException {
        try (AppendLog log = open()) {
            fill(log);
        }
        long bytes = bytes();

        open().close();

        assertEquals(bytes, bytes());
    }

    private long bytes() throws IOException {
        return Files.size(directory().resolve(SegmentDescriptor.fileName(1)));
    }

    private void assertMarked(Path log, long nextIndex) throws IOException {
        LogInfo info = LogInfo.of(log);
        assertTrue(info.isClosed());
        assertEquals(nextIndex, info.nextIndex());
        damage(log, nextIndex - 1);

        AppendException thrown =
                assertThrows(
                        AppendException.class, () -> AppendLog.open(log, config().build()).close());
        assertEquals(AppendException.Code.CORRUPT, thrown.code(), thrown.getMessage());
    }

    /** The first batch of the segment that holds {@code index}. */
    private static void damage(Path log, long index) throws IOException {
        LogView view = new LogView(new FileSystemDirectory(log));
        Path file = log.resolve(view.holding(index).name());
        byte[] bytes = Files.readAllBytes(file);
        bytes[SegmentDescriptor.HEADER_BYTES + 60] ^= 1;
        Files.write(file, bytes);
    }
}
