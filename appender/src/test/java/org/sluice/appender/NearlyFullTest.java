package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.LoopFilesystem.Kind;
import org.sluice.store.Preallocation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk that has room for entries, but not for all of a segment. */
class NearlyFullTest extends LoopFixture {
    private static final int FREE_BYTES = 4 << 20;

    @ParameterizedTest
    @EnumSource(Kind.class)
    void openShouldLeaveTheRoomThereIs(Kind kind) throws IOException {
        mount(kind);
        AppendLogConfig.Builder config =
                config().segmentBytes(2 * FREE_BYTES).preallocate(Preallocation.RESERVE);
        try (AppendLog log = open(config)) {
            log.append(new byte[100]);
        }
        Path room = filesystem.root().resolve("room");
        Files.write(room, new byte[FREE_BYTES]);
        filesystem.fill();
        Files.delete(room);

        try (AppendLog log = open(config)) {
            long free = Files.getFileStore(directory()).getUsableSpace();
            assertTrue(free >= FREE_BYTES / 2, free + " bytes are left");
            assertEquals(1, log.append(new byte[100]));
            log.sync();
        }
    }
}
