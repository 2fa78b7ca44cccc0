package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.file.Path;
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
    void freedSegmentShouldBeRecycledUnderANewNumber() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(SEGMENT_BYTES, 0));
        rollTimes(4, keeper, directory);

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
        rollTimes(4, keeper, directory);
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
}
