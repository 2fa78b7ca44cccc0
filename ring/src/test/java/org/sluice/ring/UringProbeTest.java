package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

@EnabledOnOs(OS.LINUX)
@ExtendWith(UringCondition.class)
class UringProbeTest {
    @TempDir private Path directory;

    @Test
    void probeShouldFindRingAndLeaveNothingBehind() throws IOException {
        Capabilities capabilities = UringProbe.probe(directory);

        assertTrue(capabilities.has(Feature.IO_URING));
        assertTrue(capabilities.liburing().matches("2\\.\\d+"), capabilities.liburing());
        assertTrue(capabilities.memlockBytes() > 0);
        assertEquals(List.of(), list());
    }

    @Test
    void probeShouldGiveReasonForEachNo() {
        Capabilities capabilities = UringProbe.probe(directory);

        for (Feature feature : Feature.values()) {
            Support support = capabilities.features().get(feature);
            assertTrue(support.available() || !support.reason().isEmpty(), feature.label());
            assertFalse(support.reason().equals("not probed"), feature.label());
        }
    }

    @Test
    void readOnlyProbeShouldTellAlignmentFromExistingFileWithoutWriting() throws IOException {
        Path file = Files.writeString(directory.resolve("some"), "text");
        Capabilities writing = UringProbe.probe(directory);

        Capabilities reading = UringProbe.probeReadOnly(directory);

        assertTrue(reading.has(Feature.IO_URING));
        assertEquals("no write was tried", reading.features().get(Feature.IO_URING).reason());
        assertFalse(reading.has(Feature.RESERVE_SPACE));
        if (reading.has(Feature.DIRECT_IO)) {
            assertEquals(writing.directAlignBytes(), reading.directAlignBytes());
        }
        assertEquals("text", Files.readString(file));
    }

    @Test
    void probeShouldNameMissingDirectoryAsReason() {
        Capabilities capabilities = UringProbe.probe(directory.resolve("absent"));

        assertTrue(capabilities.has(Feature.IO_URING));
        assertEquals(
                "the directory does not exist",
                capabilities.features().get(Feature.DIRECT_IO).reason());
    }

    private List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString).toList();
        }
    }
}
