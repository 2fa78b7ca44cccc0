package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a segment is said to be when it is made ready. */
final class SegmentMakerTest extends KeeperFixture {
    @ParameterizedTest
    @EnumSource(
            value = Preallocation.class,
            names = {"AUTO"},
            mode = EnumSource.Mode.EXCLUDE)
    void newSegmentShouldCountAsWrittenWhereItIsZeroed(Preallocation preallocation) {
        SegmentSettings settings =
                new SegmentSettings(SEGMENT_BYTES, 512, 8192, preallocation, 1, 0, 0);
        SegmentKeeper keeper = keeper(new MemoryDirectory(), settings);
        keeper.doWork();

        assertEquals(preallocation == Preallocation.ZERO, keeper.takePrepared().isWritten());
    }

    @Test
    void recycledSegmentShouldCountAsWritten() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentSettings settings =
                new SegmentSettings(
                        SEGMENT_BYTES, 512, 8192, Preallocation.RESERVE, 1, SEGMENT_BYTES, 0);
        SegmentKeeper keeper = keeper(directory, settings);
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }
        doAllWork(keeper);

        assertTrue(keeper.takePrepared().isWritten());
    }
}
