package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.collections.MutableInteger;
import org.agrona.collections.MutableLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SegmentDescriptor.Header;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class SegmentKeeperTest {
    private static final long SEGMENT_BYTES = SegmentDescriptor.SEGMENT_BYTES_MIN;
    private static final long LOG_ID = 77;
    private static final int ENTRIES = 10;
    private static final String NAME_1 = SegmentDescriptor.fileName(1);

    @TempDir Path temporary;

    private final MutableLong epochNs = new MutableLong(1_000_000);
    private final MutableLong nanoTime = new MutableLong(Long.MAX_VALUE - 10);
    private final MutableInteger wakes = new MutableInteger();
    private final List<Header> actives = new ArrayList<>();

    @Test
    void preparedSegmentShouldBeCompleteOnDisk() {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));

        assertEquals(1, keeper.doWork());
        assertEquals(0, keeper.doWork());
        Header header = keeper.takePrepared();

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
        assertEquals(1, keeper.takePrepared().number());
        assertNull(keeper.takePrepared(), "one is enough for a log that has not begun");
        doAllWork(keeper);

        for (long number = 2; number <= 4; number++) {
            assertEquals(number, keeper.takePrepared().number());
        }
        assertNull(keeper.takePrepared());
        doAllWork(keeper);
        assertEquals(5, keeper.takePrepared().number());
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
        assertEquals(SEGMENT_BYTES, keeper.segmentBytes());
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
        Header large = SegmentBuilder.header(LOG_ID, 1, 0, 4 * SEGMENT_BYTES, 512, 0);
        directory.create(NAME_1).close();
        SegmentKeeper keeper =
                keeper(
                        directory,
                        settings(3 * SEGMENT_BYTES, 0),
                        List.of(new SealedSegment(large, ENTRIES, 8192, 1)),
                        2);
        assertEquals(4 * SEGMENT_BYTES, keeper.segmentBytes());

        doAllWork(keeper);

        assertEquals(1, keeper.segmentCount());
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
        Header recycled = keeper.takePrepared();

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
                        List.of(
                                new SealedSegment(large, 10, 8192, 1),
                                new SealedSegment(trimmed, 20, 8192, 1)),
                        3);

        keeper.truncateBefore(20);

        assertEquals(List.of(), directory.list());
    }

    @Test
    void leftoversOfAnEarlierRunShouldBeSwept() {
        MemoryDirectory directory = new MemoryDirectory();
        directory.create(LogDirectoryLayout.spareName(4)).close();
        directory.create(LogDirectoryLayout.PROBE).close();
        directory.create(LogDirectoryLayout.LOCK).close();

        SegmentKeeper keeper = keeper(directory, settings(0, 0), List.of(), 5);
        doAllWork(keeper);

        assertEquals(
                List.of(SegmentDescriptor.fileName(5), LogDirectoryLayout.LOCK), directory.list());
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

    @Test
    void failureShouldBeKeptAndEndAllWork() {
        MemoryDirectory directory = new MemoryDirectory();
        directory.failOnceAfter(3, AppendException.Code.IO);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));

        doAllWork(keeper);

        assertSame(AppendException.Code.IO, keeper.failure().code());
        assertNull(keeper.takePrepared());
        int changes = directory.mutations();
        assertEquals(0, keeper.doWork());
        AppendException e = assertThrows(AppendException.class, () -> keeper.truncateBefore(1));
        assertSame(AppendException.Code.FAILED, e.code());
        assertSame(keeper.failure(), e.getCause());
        keeper.close();
        assertEquals(changes, directory.mutations());
    }

    @Test
    void failedTruncationShouldBeKeptToo() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        for (int i = 0; i < 4; i++) {
            roll(keeper, directory);
        }
        directory.failOnceAfter(0, AppendException.Code.IO);

        assertThrows(AppendException.class, () -> keeper.truncateBefore(ENTRIES));
        assertThrows(AppendException.class, () -> keeper.truncateBefore(2 * ENTRIES));

        assertSame(AppendException.Code.IO, keeper.failure().code());
        assertSegments(directory, actives);
    }

    @Test
    void unexpectedExceptionShouldBecomeTheFailure() {
        MemoryDirectory directory = new MemoryDirectory();
        IllegalStateException bug = new IllegalStateException("a bug");
        SegmentKeeper keeper =
                new SegmentKeeper(
                        directory,
                        settings(0, 0),
                        LOG_ID,
                        List.of(),
                        0,
                        1,
                        () -> {
                            throw bug;
                        },
                        nanoTime::get,
                        () -> {});

        assertEquals(0, keeper.doWork());

        assertSame(AppendException.Code.FAILED, keeper.failure().code());
        assertSame(bug, keeper.failure().getCause());
    }

    @Test
    void fullDiskShouldBeTriedAgainNowAndThen() {
        MemoryDirectory directory = new MemoryDirectory();
        directory.failOnceAfter(0, AppendException.Code.DISK_FULL);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));

        assertEquals(0, keeper.doWork());
        assertTrue(keeper.diskFull());
        assertNull(keeper.failure());
        int changes = directory.mutations();
        assertEquals(0, keeper.doWork());
        assertEquals(changes, directory.mutations(), "tried again at once");
        nanoTime.addAndGet(100_000_000);
        assertEquals(1, keeper.doWork());

        assertFalse(keeper.diskFull());
        assertNotNull(keeper.takePrepared());
    }

    @Test
    void fullDiskShouldBeTriedAgainAtOnceWhenSpaceWasFreed() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        roll(keeper, directory);
        doAllWork(keeper);
        keeper.takePrepared();
        directory.failOnceAfter(0, AppendException.Code.DISK_FULL);
        assertEquals(0, keeper.doWork());
        assertTrue(keeper.diskFull());

        keeper.truncateBefore(ENTRIES);

        assertFalse(keeper.diskFull());
        assertEquals(1, keeper.doWork());
        assertNotNull(keeper.takePrepared());
    }

    @Test
    void fullDiskShouldBeOvercomeAtEveryStep() {
        MemoryDirectory untouched = new MemoryDirectory();
        doAllWork(keeper(untouched, settings(0, 0)));

        for (int step = 0; step < untouched.mutations(); step++) {
            MemoryDirectory directory = new MemoryDirectory();
            directory.failOnceAfter(step, AppendException.Code.DISK_FULL);
            SegmentKeeper keeper = keeper(directory, settings(0, 0));
            keeper.doWork();
            assertTrue(keeper.diskFull(), "step " + step);
            nanoTime.addAndGet(1_000_000_000);
            keeper.doWork();

            assertNull(keeper.failure(), "step " + step);
            assertNotNull(keeper.takePrepared(), "step " + step);
        }
    }

    @Test
    void fullDiskShouldCostAnIndexButNothingElse() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        activate(keeper, directory);
        seal(keeper, actives.get(0));
        directory.failOnceAfter(0, AppendException.Code.DISK_FULL);

        keeper.truncateBefore(0);

        assertNull(keeper.failure());
        assertEquals(1, keeper.segmentCount());
        try (StoreFile file = directory.openForReading(NAME_1)) {
            assertNull(SparseIndex.read(file, actives.get(0)));
        }
    }

    @Test
    void preparationShouldGoOnAfterARealDiskWasFull() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 3 * SEGMENT_BYTES)) {
            for (Preallocation how : List.of(Preallocation.ZERO, Preallocation.SPARSE)) {
                fillAndGoOn(new FileSystemDirectory(filesystem.root()), how);
            }
        }
    }

    private void fillAndGoOn(FileSystemDirectory directory, Preallocation how) {
        try (StoreFile ballast = directory.create("ballast")) {
            ballast.allocate(directory.usableBytes(), Preallocation.ZERO);
        }
        SegmentKeeper keeper =
                keeper(
                        directory,
                        new SegmentSettings(SEGMENT_BYTES, 512, 8192, how, 1, 0, 0, false),
                        List.of(),
                        1);
        keeper.doWork();
        assertTrue(keeper.diskFull(), how.name());
        assertNull(keeper.failure());
        assertEquals(List.of("ballast"), directory.list());

        directory.delete("ballast");
        nanoTime.addAndGet(100_000_000);
        keeper.doWork();

        assertFalse(keeper.diskFull());
        assertNotNull(keeper.takePrepared());
        directory.list().forEach(directory::delete);
    }

    @Test
    void settingsOutOfBoundsShouldBeRefusedWithTheirValues() {
        assertRefused("65535", () -> settingsOf(65535, 512, 8192, 1, 0, 0));
        assertRefused("1000", () -> settingsOf(SEGMENT_BYTES, 1000, 8192, 1, 0, 0));
        assertRefused("8192", () -> settingsOf(SEGMENT_BYTES, 8192, 8192, 1, 0, 0));
        assertRefused("47", () -> settingsOf(SEGMENT_BYTES, 512, 47, 1, 0, 0));
        assertRefused("0", () -> settingsOf(SEGMENT_BYTES, 512, 8192, 0, 0, 0));
        assertRefused("-1", () -> settingsOf(SEGMENT_BYTES, 512, 8192, 1, -1, 0));
        assertRefused("-2", () -> settingsOf(SEGMENT_BYTES, 512, 8192, 1, 0, -2));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new SegmentSettings(
                                SEGMENT_BYTES, 512, 8192, Preallocation.AUTO, 1, 0, 0, false));
    }

    private static void assertRefused(String value, Runnable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().endsWith(": " + value), e.getMessage());
    }

    private static SegmentSettings settings(long retentionBytes, long retentionAgeNs) {
        return settings(1, retentionBytes, retentionAgeNs);
    }

    private static SegmentSettings settings(
            int preparedCount, long retentionBytes, long retentionAgeNs) {
        return settingsOf(SEGMENT_BYTES, 512, 8192, preparedCount, retentionBytes, retentionAgeNs);
    }

    private static SegmentSettings settingsOf(
            long segmentBytes,
            int alignBytes,
            int batchBytesMax,
            int preparedCount,
            long retentionBytes,
            long retentionAgeNs) {
        return new SegmentSettings(
                segmentBytes,
                alignBytes,
                batchBytesMax,
                Preallocation.ZERO,
                preparedCount,
                retentionBytes,
                retentionAgeNs,
                false);
    }

    private SegmentKeeper keeper(StoreDirectory directory, SegmentSettings settings) {
        return keeper(directory, settings, List.of(), 1);
    }

    private SegmentKeeper keeper(
            StoreDirectory directory,
            SegmentSettings settings,
            List<SealedSegment> sealed,
            long nextNumber) {
        return new SegmentKeeper(
                directory,
                settings,
                LOG_ID,
                sealed,
                0,
                nextNumber,
                epochNs::get,
                nanoTime::get,
                wakes::increment);
    }

    private static void doAllWork(SegmentKeeper keeper) {
        int turns = 0;
        while (keeper.doWork() > 0) {
            assertTrue(++turns < 100, "never done");
        }
    }

    /** Does what the writer does at a roll: the segment before is sealed, a new one active. */
    private void roll(SegmentKeeper keeper, StoreDirectory directory) {
        activate(keeper, directory);
        if (actives.size() > 1) {
            seal(keeper, actives.get(actives.size() - 2));
        }
        doAllWork(keeper);
    }

    private Header activate(SegmentKeeper keeper, StoreDirectory directory) {
        doAllWork(keeper);
        Header header = keeper.takePrepared().activated((long) actives.size() * ENTRIES, 0);
        actives.add(header);
        String name = SegmentDescriptor.fileName(header.number());
        try (StoreFile file = directory.openForWriting(name)) {
            SegmentFile.writeHeader(file, header);
            file.write(
                    ByteBuffer.allocate(Long.BYTES).putLong(0, header.number()),
                    SegmentDescriptor.HEADER_BYTES);
            file.sync();
        }
        return header;
    }

    private void seal(SegmentKeeper keeper, Header header) {
        SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
        points.add(header.baseIndex(), epochNs.get(), SegmentDescriptor.HEADER_BYTES);
        keeper.seal(header, header.baseIndex() + ENTRIES, 8192, points);
    }

    private static long markerOf(StoreFile file) {
        ByteBuffer marker = ByteBuffer.allocate(Long.BYTES);
        file.read(marker, SegmentDescriptor.HEADER_BYTES);
        return marker.getLong(0);
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
