package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.SegmentDescriptor.Header;

import java.util.List;

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
        rollTimes(4, keeper, directory);
        doAllWork(keeper);

        assertTrue(keeper.takePrepared().isWritten());
    }

    /** Cut, and given an index at its end, a file has its size again but not its blocks. */
    @Test
    void segmentCutByATruncationShouldNotBeRecycled() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentSettings settings =
                new SegmentSettings(SEGMENT_BYTES, 512, 8192, Preallocation.RESERVE, 1, 0, 0);
        int indexBytes = IndexDescriptor.indexBytes(SEGMENT_BYTES);
        Header header =
                new Header(
                        1,
                        SegmentDescriptor.ACTIVE,
                        0,
                        0,
                        SEGMENT_BYTES,
                        indexBytes,
                        512,
                        8192,
                        0,
                        LOG_ID);
        try (StoreFile file = directory.create(NAME_1)) {
            file.allocate(SEGMENT_BYTES, Preallocation.SPARSE);
        }
        SealedSegment cut = SealedSegment.of(header, ENTRIES, 1, 8192);
        SegmentKeeper keeper = keeper(directory, settings, List.of(cut), 2);

        keeper.truncateBefore(ENTRIES);
        doAllWork(keeper);

        assertFalse(keeper.takePrepared().isWritten());
    }

    /** What a power cut brings back of them the next open removes. */
    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSPC, Errno.EMFILE})
    void closeShouldNotMindThatItsRemovalsAreNotDurableYet(int errno) {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        doAllWork(keeper);
        int stepsBeforeSync = keeper.readyCount();
        directory.failOnceAfter(stepsBeforeSync, Errno.exception(errno, "sync", directory.path()));

        keeper.close();

        assertEquals(List.of(), directory.list());
        assertNull(keeper.failure());
    }
}
