package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SegmentDescriptor.Header;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * Cuts the power at every single call of a run that prepares, rolls, seals, retains, truncates and
 * recycles, and looks at what is left: never a gap, never a segment whose name or header is not its
 * own, never a truncated one that is back.
 */
class SegmentKeeperCrashTest {
    private static final long SEGMENT_BYTES = SegmentDescriptor.SEGMENT_BYTES_MIN;
    private static final long LOG_ID = 99;
    private static final int ENTRIES = 10;
    private static final int ROLLS = 9;
    private static final int TRUNCATE_AT_ROLL = 5;
    private static final int CUTS_PER_STEP = 12;

    /** One run, and what was promised in its course. */
    private static final class Run {
        final MemoryDirectory directory;
        final SegmentKeeper keeper;

        /** Segments whose ACTIVE header was synced. */
        final List<Header> active = new ArrayList<>();

        /** The segment whose ACTIVE header could not be written, or null. */
        Header halfActive;

        long truncatedBefore;
        long timeNs;

        Run(MemoryDirectory directory, int preparedCount) {
            this.directory = directory;
            SegmentSettings settings =
                    new SegmentSettings(
                            SEGMENT_BYTES,
                            512,
                            8192,
                            Preallocation.ZERO,
                            preparedCount,
                            2 * SEGMENT_BYTES,
                            0);
            keeper =
                    new SegmentKeeper(
                            directory,
                            settings,
                            LOG_ID,
                            List.of(),
                            0,
                            1,
                            () -> ++timeNs,
                            () -> timeNs += 1_000_000_000,
                            () -> {});
        }

        /** Rolls on until it is done or something fails. */
        void go() {
            try {
                for (int i = 1; i <= ROLLS && roll(); i++) {
                    if (i == TRUNCATE_AT_ROLL) {
                        truncate();
                    }
                }
                keeper.close();
            } catch (MemoryDirectory.Stopped e) {
                return;
            } catch (AppendException e) {
                boolean isWriters = halfActive != null;
                assertTrue(directory.isStopped() || keeper.failure() != null || isWriters, "" + e);
            }
        }

        /** What a full disk put off can be asked for again. */
        private void truncate() {
            long index = active.getLast().baseIndex();
            try {
                keeper.truncateBefore(index);
            } catch (AppendException e) {
                assertTrue(keeper.failure() != null || e.code() == Code.DISK_FULL, "" + e);
                keeper.truncateBefore(index);
            }
            truncatedBefore = index;
        }

        private boolean roll() {
            PreparedSegment prepared;
            int turns = 0;
            do {
                if (keeper.failure() != null) {
                    return false;
                }
                assertTrue(++turns < 100, "nothing gets ready");
                keeper.doWork();
                prepared = keeper.takePrepared();
            } while (prepared == null);
            long baseIndex = (long) active.size() * ENTRIES;
            halfActive = prepared.header().activated(baseIndex, 0);
            KeeperFixture.writeActive(directory, halfActive);
            active.add(halfActive);
            halfActive = null;
            if (active.size() > 1) {
                seal(active.get(active.size() - 2));
            }
            return true;
        }

        private void seal(Header header) {
            SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
            points.add(header.baseIndex(), ++timeNs, SegmentDescriptor.HEADER_BYTES);
            keeper.seal(header, header.baseIndex() + ENTRIES, 8192, points);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyCutShouldLeaveALog(int preparedCount) {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("power cuts: -Dsluice.seed=" + seed);
        int step = 0;
        Run run;
        do {
            MemoryDirectory directory = new MemoryDirectory();
            directory.failAfter(step);
            run = new Run(directory, preparedCount);
            run.go();
            // One for all: the first numbers of neighbouring seeds are nearly the same.
            Random random = new Random(seed + step);
            for (int i = 0; i < CUTS_PER_STEP; i++) {
                MemoryDirectory left = run.directory.powerCut(random);
                check(run, left, "step " + step + " cut " + i + " -Dsluice.seed=" + seed);
                sweepAgain(left);
            }
            step++;
        } while (run.directory.isStopped());

        assertEquals(ROLLS, run.active.size());
        assertTrue(step > 50, "only " + step + " steps");
    }

    private static void check(Run run, MemoryDirectory left, String context) {
        TreeMap<Long, Header> found = new TreeMap<>();
        for (String name : left.list()) {
            if (SegmentDescriptor.numberOf(name) > 0) {
                Header header = readHeader(left, name);
                assertNotNull(header, name + " without a header, " + context);
                found.put(header.number(), header);
            }
        }
        long freedBefore = run.keeper.firstIndex();
        boolean isFirst = true;
        for (Header header : run.active) {
            Header there = found.remove(header.number());
            long nextIndex = header.baseIndex() + ENTRIES;
            if (there == null) {
                assertTrue(isFirst && nextIndex <= freedBefore, "lost " + header + ", " + context);
                continue;
            }
            isFirst = false;
            assertEquals(header, there, context);
            assertTrue(nextIndex > run.truncatedBefore, header + " is back, " + context);
            checkContent(left, header, context);
        }
        for (Header rest : found.values()) {
            boolean isHalf = run.halfActive != null && rest.number() == run.halfActive.number();
            assertTrue(isHalf || rest.state() == SegmentDescriptor.PREPARED, context);
            assertTrue(
                    run.active.isEmpty() || rest.number() > run.active.getLast().number(),
                    rest + " has an old number, " + context);
        }
    }

    private static void checkContent(MemoryDirectory left, Header header, String context) {
        String name = SegmentDescriptor.fileName(header.number());
        try (StoreFile file = left.openForReading(name)) {
            assertEquals(header.number(), KeeperFixture.markerOf(file), context);
            SparseIndex index = SparseIndex.read(file, header);
            if (index != null) {
                assertEquals(header.baseIndex() + ENTRIES, index.nextIndex(), context);
            }
        }
    }

    private static Header readHeader(StoreDirectory directory, String name) {
        try (StoreFile file = directory.openForReading(name)) {
            return SegmentFile.readHeader(directory, name, file);
        }
    }

    /** The next run must cope with whatever files are there. */
    private static void sweepAgain(MemoryDirectory left) {
        long highest = 0;
        for (String name : left.list()) {
            highest = Math.max(highest, SegmentDescriptor.numberOf(name));
            highest = Math.max(highest, LogDirectoryLayout.spareNumberOf(name));
        }
        SegmentSettings settings =
                new SegmentSettings(SEGMENT_BYTES, 512, 8192, Preallocation.ZERO, 1, 0, 0);
        SegmentKeeper keeper =
                new SegmentKeeper(
                        left,
                        settings,
                        LOG_ID,
                        List.of(),
                        0,
                        highest + 1,
                        () -> 1,
                        () -> 1,
                        () -> {});
        keeper.doWork();
        assertNull(keeper.failure());
        assertEquals(highest + 1, keeper.takePrepared().header().number());
        assertTrue(
                left.list().stream()
                        .noneMatch(name -> name.endsWith(LogDirectoryLayout.SPARE_SUFFIX)));
    }

    @Test
    void everyFailedCallShouldLeaveALogAndAFailure() {
        int step = 0;
        Run run;
        do {
            run = new Run(failingOnceAfter(step, Code.IO), 2);
            run.go();
            check(run, run.directory, "failed step " + step);
            step++;
        } while (run.active.size() < ROLLS || run.keeper.failure() != null);
        assertTrue(step > 50, "only " + step + " steps");
    }

    @Test
    void everyFullDiskShouldBeOvercomeOrTold() {
        for (int step = 0; step < 150; step++) {
            Run run = new Run(failingOnceAfter(step, Code.DISK_FULL), 2);
            run.go();
            check(run, run.directory, "full disk at step " + step);
        }
    }

    private static MemoryDirectory failingOnceAfter(int step, AppendException.Code code) {
        MemoryDirectory directory = new MemoryDirectory();
        directory.failOnceAfter(step, code);
        return directory;
    }
}
