package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.SegmentDescriptor.Header;

import java.util.ArrayList;
import java.util.List;

/** Which segments a {@link SegmentKeeper} frees, and when. */
final class SegmentKeeperRetentionTest extends KeeperFixture {
    @Test
    void retentionByBytesShouldFreeWholeSegmentsOldestFirst() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(2 * SEGMENT_BYTES, 0));

        for (int i = 1; i <= 10; i++) {
            roll(keeper, directory);
            assertTrue(keeper.segmentCount() <= 2, "kept " + keeper.segmentCount());
        }

        assertEquals(2, keeper.segmentCount());
        assertEquals(7L * ENTRIES, keeper.firstIndex());
        assertSegments(directory, actives.subList(7, 10));
    }

    @Test
    void retentionByBytesShouldCountSegmentsByTheirOwnSize() {
        MemoryDirectory directory = new MemoryDirectory();
        String largeName = SegmentDescriptor.fileName(2);
        Header small = SegmentBuilder.header(LOG_ID, 1, 0, SEGMENT_BYTES, 512, 0);
        Header large = SegmentBuilder.header(LOG_ID, 2, ENTRIES, 4 * SEGMENT_BYTES, 512, 0);
        directory.create(NAME_1).close();
        directory.create(largeName).close();
        SegmentKeeper keeper =
                keeper(
                        directory,
                        settings(3 * SEGMENT_BYTES, 0),
                        List.of(
                                new SealedSegment(small, ENTRIES, 1),
                                new SealedSegment(large, 2 * ENTRIES, 1)),
                        3);

        doAllWork(keeper);

        assertEquals(1, keeper.segmentCount());
        assertFalse(directory.list().contains(NAME_1));
        assertTrue(directory.list().contains(largeName));
    }

    @Test
    void retentionByAgeShouldFreeWhatIsOlder() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 100));
        roll(keeper, directory);
        roll(keeper, directory);
        epochNs.addAndGet(60);
        roll(keeper, directory);
        assertEquals(2, keeper.segmentCount());

        epochNs.addAndGet(41);
        doAllWork(keeper);
        assertEquals(1, keeper.segmentCount());
        assertEquals(ENTRIES, keeper.firstIndex());
        epochNs.addAndGet(1000);
        doAllWork(keeper);

        assertEquals(0, keeper.segmentCount());
        assertSegments(directory, actives.subList(2, 3));
    }

    /** A keeper that takes over {@code count} sealed segments, with their files. */
    private SegmentKeeper keeperOfSealed(
            int count, MemoryDirectory directory, SegmentSettings settings) {
        List<SealedSegment> sealed = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            long base = (number - 1L) * ENTRIES;
            sealed.add(
                    new SealedSegment(
                            SegmentBuilder.header(LOG_ID, number, base, SEGMENT_BYTES, 512, 0),
                            base + ENTRIES,
                            1));
            directory.create(SegmentDescriptor.fileName(number)).close();
        }
        return keeper(directory, settings, sealed, count + 1L);
    }

    @Test
    void manyOldSegmentsShouldNotKeepTheNextFromBeingMadeReady() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeperOfSealed(50, directory, settings(0, 100));

        keeper.doWork();

        assertEquals(1, keeper.readyCount());
        assertEquals(49, keeper.segmentCount());
        doAllWork(keeper);
        assertEquals(0, keeper.segmentCount());
    }

    @Test
    void turnShouldFreeNoMoreSegmentsThanCloseCanWaitFor() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeperOfSealed(1_000, directory, settings(0, 100));
        keeper.doWork();
        keeper.doWork();

        assertTrue(keeper.segmentCount() > 900, keeper.segmentCount() + " left");
    }

    @Test
    void truncateBeforeShouldMakeTheNextSegmentReadyMeanwhile() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeperOfSealed(50, directory, settings(0, 0));

        keeper.truncateBefore(Long.MAX_VALUE);

        assertEquals(1, keeper.readyCount());
        assertEquals(0, keeper.segmentCount());
    }

    @Test
    void clockSetBackShouldFreeNothing() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 100));
        roll(keeper, directory);
        roll(keeper, directory);

        epochNs.set(-1_000_000);
        doAllWork(keeper);

        assertEquals(1, keeper.segmentCount());
    }

    @Test
    void truncateBeforeShouldFreeOnlyWholeSealedSegments() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        rollTimes(4, keeper, directory);

        keeper.truncateBefore(ENTRIES - 1);
        assertEquals(0, keeper.firstIndex());
        keeper.truncateBefore(2 * ENTRIES + 3);
        assertEquals(2L * ENTRIES, keeper.firstIndex());
        keeper.truncateBefore(Long.MAX_VALUE);

        assertEquals(3L * ENTRIES, keeper.firstIndex());
        assertSegments(directory, actives.subList(3, 4));
    }

    @Test
    void newestSegmentShouldStayWhileItIsHeld() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        rollTimes(4, keeper, directory);
        keeper.holdNewest();

        keeper.truncateBefore(Long.MAX_VALUE);
        assertEquals(2L * ENTRIES, keeper.firstIndex());
        roll(keeper, directory);
        keeper.truncateBefore(Long.MAX_VALUE);

        assertEquals(4L * ENTRIES, keeper.firstIndex());
    }

    @Test
    void truncateBeforeShouldCountWhatWasJustSealed() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        Header active = activate(keeper, directory);
        seal(keeper, actives.get(0));

        keeper.truncateBefore(active.baseIndex());

        assertEquals(ENTRIES, keeper.firstIndex());
    }
}
