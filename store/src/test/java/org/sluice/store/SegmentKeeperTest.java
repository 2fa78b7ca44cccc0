package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class SegmentKeeperTest extends KeeperFixture {
    @TempDir Path temporary;

    @Test
    void preparedSegmentShouldBeCompleteOnDisk() {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));

        assertEquals(1, keeper.doWork());
        assertEquals(0, keeper.doWork());
        Header header = keeper.takePrepared().header();

        assertEquals(1, header.number());
        assertEquals(SegmentDescriptor.PREPARED, header.state());
        assertEquals(List.of(NAME_1), directory.list());
        try (StoreFile file = directory.openForReading(NAME_1)) {
            assertEquals(header, SegmentFile.readHeader(directory, NAME_1, file));
            assertEquals(SEGMENT_BYTES, file.size());
        }
        assertNull(keeper.takePrepared());
    }

    @Test
    void preparedSegmentsShouldComeInRisingNumbers() {
        SegmentKeeper keeper = keeper(new MemoryDirectory(), settings(3, 0, 0));
        doAllWork(keeper);
        assertEquals(1, keeper.takePrepared().header().number());
        assertNull(keeper.takePrepared(), "one is enough for a log that has not begun");
        doAllWork(keeper);

        for (long number = 2; number <= 4; number++) {
            assertEquals(number, keeper.takePrepared().header().number());
        }
        assertNull(keeper.takePrepared());
        doAllWork(keeper);
        assertEquals(5, keeper.takePrepared().header().number());
    }

    @Test
    void writersCallsShouldWakeTheKeeper() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        int before = wakes.get();

        keeper.takePrepared();
        assertEquals(before + 1, wakes.get());
        seal(keeper, actives.get(0));
        assertEquals(before + 2, wakes.get());
    }

    @Test
    void segmentsAheadShouldBeMadeReadyWhenTheLogIsOpen() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(4, 0, 0));

        doAllWork(keeper);
        assertEquals(1, keeper.readyCount());
        keeper.onOpened();
        doAllWork(keeper);
        assertEquals(3, keeper.readyCount());
        keeper.takePrepared();
        doAllWork(keeper);

        assertEquals(4, keeper.readyCount());
    }

    @Test
    void sealedSegmentShouldHaveItsIndex() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        roll(keeper, directory);

        try (StoreFile file = directory.openForReading(NAME_1)) {
            SparseIndex index = SparseIndex.read(file, actives.get(0));
            assertEquals(ENTRIES, index.nextIndex());
            assertEquals(8192, index.endPosition());
            assertEquals(epochNs.get(), index.lastTimeNs());
        }
        assertEquals(1, keeper.segmentCount());
        assertEquals(0, keeper.firstIndex());
    }

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

    /** Files of {@code count} sealed segments. */
    private static List<SealedSegment> sealedSegments(MemoryDirectory directory, int count) {
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
        return sealed;
    }

    @Test
    void manyOldSegmentsShouldNotKeepTheNextFromBeingMadeReady() {
        MemoryDirectory directory = new MemoryDirectory();
        List<SealedSegment> sealed = sealedSegments(directory, 50);
        SegmentKeeper keeper = keeper(directory, settings(0, 100), sealed, 51);

        keeper.doWork();

        assertEquals(1, keeper.readyCount());
        assertEquals(49, keeper.segmentCount());
        doAllWork(keeper);
        assertEquals(0, keeper.segmentCount());
    }

    @Test
    void turnShouldFreeNoMoreSegmentsThanCloseCanWaitFor() {
        MemoryDirectory directory = new MemoryDirectory();
        List<SealedSegment> sealed = sealedSegments(directory, 1_000);
        SegmentKeeper keeper = keeper(directory, settings(0, 100), sealed, 1_001);
        keeper.doWork();
        keeper.doWork();

        assertTrue(keeper.segmentCount() > 900, keeper.segmentCount() + " left");
    }

    @Test
    void truncateBeforeShouldMakeTheNextSegmentReadyMeanwhile() {
        MemoryDirectory directory = new MemoryDirectory();
        List<SealedSegment> sealed = sealedSegments(directory, 50);
        SegmentKeeper keeper = keeper(directory, settings(0, 0), sealed, 51);

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
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }

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
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }
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

    @Test
    void freedSegmentShouldBeRecycledUnderANewNumber() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(SEGMENT_BYTES, 0));
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }

        doAllWork(keeper);
        Header recycled = keeper.takePrepared().header();

        assertTrue(recycled.number() > actives.getLast().number());
        String name = SegmentDescriptor.fileName(recycled.number());
        try (StoreFile file = directory.openForReading(name)) {
            assertEquals(recycled, SegmentFile.readHeader(directory, name, file));
            assertTrue(markerOf(file) > 0, "made new, not recycled");
            assertNull(
                    SparseIndex.read(file, recycled), "the old index is taken for the new one's");
        }
    }

    @Test
    void segmentsOfAnotherSizeShouldNotBeRecycled() {
        MemoryDirectory directory = new MemoryDirectory();
        Header large = SegmentBuilder.header(LOG_ID, 1, 0, 2 * SEGMENT_BYTES, 512, 0);
        Header trimmed = SegmentBuilder.header(LOG_ID, 2, 10, SEGMENT_BYTES, 512, 0);
        for (Header header : List.of(large, trimmed)) {
            try (StoreFile file = directory.create(SegmentDescriptor.fileName(header.number()))) {
                SegmentFile.writeHeader(file, header);
            }
        }
        SegmentKeeper keeper =
                keeper(
                        directory,
                        settings(0, 0),
                        List.of(new SealedSegment(large, 10, 1), new SealedSegment(trimmed, 20, 1)),
                        3);

        doAllWork(keeper);

        keeper.truncateBefore(20);

        assertEquals(List.of(SegmentDescriptor.fileName(3)), directory.list());
    }

    @Test
    void leftoversOfAnEarlierRunShouldBeSwept() {
        MemoryDirectory directory = new MemoryDirectory();
        directory.create(LogDirectoryLayout.spareName(4)).close();
        directory.create(LogDirectoryLayout.probeName()).close();
        directory.create(LogDirectoryLayout.LOCK).close();

        SegmentKeeper keeper = keeper(directory, settings(0, 0), List.of(), 5);
        doAllWork(keeper);

        assertEquals(
                List.of(SegmentDescriptor.fileName(5), LogDirectoryLayout.LOCK), directory.list());
    }

    /** A trial of another process's was there when the directory was listed, and then not. */
    @Test
    void leftoverThatVanishesShouldNotBeMissed() {
        MemoryDirectory directory = new MemoryDirectory();
        String vanishing = LogDirectoryLayout.spareName(4);
        directory.create(vanishing).close();
        directory.failOnceAfter(0, AppendException.Code.NOT_FOUND);

        SegmentKeeper keeper = keeper(directory, settings(0, 0), List.of(), 5);
        doAllWork(keeper);

        assertEquals(List.of(vanishing, SegmentDescriptor.fileName(5)), directory.list());
    }

    @Test
    void closeShouldRemoveWhatWasNotUsed() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(SEGMENT_BYTES, 0));
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }
        doAllWork(keeper);

        keeper.close();
        keeper.close();

        assertSegments(directory, actives.subList(2, 4));
        assertEquals(2, directory.list().size(), directory.list().toString());
        assertEquals(0, keeper.doWork());
        AppendException e =
                assertThrows(AppendException.class, () -> keeper.truncateBefore(Long.MAX_VALUE));
        assertSame(AppendException.Code.CLOSED, e.code());
    }

    @Test
    void closeShouldSealWhatWasHandedOver() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        seal(keeper, actives.get(0));

        keeper.close();

        try (StoreFile file = directory.openForReading(NAME_1)) {
            assertNotNull(SparseIndex.read(file, actives.get(0)));
        }
    }

    /** Exactly {@code headers} are active segments, each with its own content. */
    private static void assertSegments(StoreDirectory directory, List<Header> headers) {
        List<Header> found = new ArrayList<>();
        for (String name : directory.list()) {
            if (SegmentDescriptor.numberOf(name) > 0) {
                try (StoreFile file = directory.openForReading(name)) {
                    Header header = SegmentFile.readHeader(directory, name, file);
                    if (header.state() == SegmentDescriptor.ACTIVE) {
                        assertEquals(header.number(), markerOf(file));
                        found.add(header);
                    }
                }
            }
        }
        assertEquals(headers, found);
    }
}
