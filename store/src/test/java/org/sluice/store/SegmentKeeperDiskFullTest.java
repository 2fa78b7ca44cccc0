package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A full disk is no failure: whatever it stops is done again, or done without. */
final class SegmentKeeperDiskFullTest extends KeeperFixture {
    private static final long AGE_NS = 1_000;

    @TempDir Path temporary;

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
        assertNotNull(keeper.takePrepared());
    }

    /** To take the name back would be one more step that a full disk can refuse. */
    @Test
    void nameThatCouldNotBeSyncedShouldStayAndBeSyncedLater() {
        MemoryDirectory directory = new MemoryDirectory();
        int stepsBeforeSync = 5;
        directory.failOnceAfter(stepsBeforeSync, AppendException.Code.DISK_FULL);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        assertEquals(0, keeper.doWork());
        assertTrue(keeper.diskFull());
        assertEquals(List.of(SegmentDescriptor.fileName(1)), directory.list());

        int changes = directory.mutations();
        nanoTime.addAndGet(100_000_000);
        assertEquals(1, keeper.doWork());

        assertEquals(changes + 1, directory.mutations(), "only the sync was left to do");
        assertEquals(1, keeper.takePrepared().header().number());
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

    /** It is what makes room: a disk that has none for another name must not end it. */
    @Test
    void retentionShouldOvercomeAFullDiskAtEveryStep() {
        int steps = 0;
        boolean isBehindTheLast = false;
        while (!isBehindTheLast) {
            MemoryDirectory directory = new MemoryDirectory();
            SegmentKeeper keeper = keeperOfThree(directory, settings(0, AGE_NS));
            epochNs.addAndGet(2 * AGE_NS);
            int before = directory.mutations();
            directory.failOnceAfter(steps, AppendException.Code.DISK_FULL);
            doAllWork(keeper);
            nanoTime.addAndGet(100_000_000);
            doAllWork(keeper);

            assertNull(keeper.failure(), "step " + steps);
            assertEquals(0, keeper.segmentCount(), "step " + steps);
            assertFalse(
                    directory.powerCut(new Random(steps)).list().contains(NAME_1),
                    "a power cut brings it back");
            isBehindTheLast = directory.mutations() - before <= steps;
            steps++;
        }
        assertEquals(7, steps, "three renamed or deleted, three syncs, and none beyond");
    }

    @Test
    void truncateBeforeShouldBeRepeatableAfterAFullDisk() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeperOfThree(directory, settings(0, 0));
        int stepsBeforeSync = 1;
        directory.failOnceAfter(stepsBeforeSync, AppendException.Code.DISK_FULL);

        AppendException e =
                assertThrows(AppendException.class, () -> keeper.truncateBefore(Integer.MAX_VALUE));
        assertEquals(AppendException.Code.DISK_FULL, e.code());
        assertNull(keeper.failure());
        keeper.truncateBefore(Integer.MAX_VALUE);

        assertEquals(0, keeper.segmentCount());
    }

    /** Whoever is told of a first index relies on it: found by the simulation's seed 1109907. */
    @Test
    void truncateBeforeShouldFinishWhatRetentionPutOff() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeperOfThree(directory, settings(0, AGE_NS));
        epochNs.addAndGet(2 * AGE_NS);
        int stepsOfTheOldest = 2;
        directory.failOnceAfter(stepsOfTheOldest, AppendException.Code.DISK_FULL);
        keeper.doWork();
        assertEquals(2, keeper.segmentCount());
        assertEquals(2 * ENTRIES, keeper.firstIndex());

        keeper.truncateBefore(0);

        assertEquals(1, keeper.segmentCount());
        String second = SegmentDescriptor.fileName(actives.get(1).number());
        assertFalse(directory.powerCut(new Random(1)).list().contains(second));
    }

    private SegmentKeeper keeperOfThree(MemoryDirectory directory, SegmentSettings settings) {
        SegmentKeeper keeper = keeper(directory, settings);
        actives.clear();
        rollTimes(4, keeper, directory);
        return keeper;
    }

    @Test
    void fullDiskShouldCostAnIndexButNothingElse() {
        MemoryDirectory directory = new MemoryDirectory();
        // Behind the sync of the batches.
        SegmentKeeper keeper = sealOnADiskThatFillsUpAfter(1, directory);

        assertNull(keeper.failure());
        assertEquals(1, keeper.segmentCount());
        try (StoreFile file = directory.openForReading(NAME_1)) {
            assertNull(SparseIndex.read(file, actives.get(0)));
        }
    }

    /** What could not be synced may be gone: found by the simulation's seed 1053891. */
    @Test
    void failedSyncOfBatchesShouldBeAFailureOnAFullDiskToo() {
        SegmentKeeper keeper = sealOnADiskThatFillsUpAfter(0, new MemoryDirectory());

        assertEquals(AppendException.Code.IO, keeper.failure().code());
    }

    private SegmentKeeper sealOnADiskThatFillsUpAfter(int steps, MemoryDirectory directory) {
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        activate(keeper, directory);
        seal(keeper, actives.get(0));
        directory.failOnceAfter(steps, AppendException.Code.DISK_FULL);
        keeper.doWork();
        return keeper;
    }

    @Test
    void preparationShouldGoOnAfterARealDiskWasFull() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mount(temporary, 3 * SEGMENT_BYTES)) {
            for (Preallocation how : List.of(Preallocation.ZERO, Preallocation.SPARSE)) {
                fillAndGoOn(new FileSystemDirectory(filesystem.root()), how);
            }
        }
    }

    /** There are bytes left then; only the text of the error tells. */
    @Test
    void preparationShouldGoOnWhereInodesWereUsedUp() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mountForFiles(temporary, 1)) {
            FileSystemDirectory directory = new FileSystemDirectory(filesystem.root());
            directory.create("ballast").close();
            SegmentKeeper keeper = keeper(directory, settings(0, 0));
            keeper.doWork();
            assertTrue(keeper.diskFull());
            assertNull(keeper.failure());

            directory.delete("ballast");
            nanoTime.addAndGet(100_000_000);
            keeper.doWork();

            assertNotNull(keeper.takePrepared());
        }
    }

    private void fillAndGoOn(FileSystemDirectory directory, Preallocation how) {
        try (StoreFile ballast = directory.create("ballast")) {
            ballast.allocate(directory.usableBytes(), Preallocation.ZERO);
        }
        SegmentKeeper keeper =
                keeper(
                        directory,
                        new SegmentSettings(SEGMENT_BYTES, 512, 8192, how, 1, 0, 0),
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
}
