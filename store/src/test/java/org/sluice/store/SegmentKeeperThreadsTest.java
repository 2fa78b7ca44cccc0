package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A writer, the keeper's own thread and one that truncates and is interrupted, all at once. */
class SegmentKeeperThreadsTest {
    private static final long SEGMENT_BYTES = SegmentDescriptor.SEGMENT_BYTES_MIN;
    private static final int ENTRIES = 10;
    private static final int ROLLS = 150;
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(60);

    @TempDir Path temporary;

    private final AtomicReference<Throwable> problem = new AtomicReference<>();
    private final AtomicBoolean isDone = new AtomicBoolean();
    private final AtomicLong truncatedBefore = new AtomicLong();

    @Test
    void threadsShouldNotGetInEachOthersWay() throws InterruptedException {
        FileSystemDirectory directory = new FileSystemDirectory(temporary);
        SegmentSettings settings =
                new SegmentSettings(SEGMENT_BYTES, 512, 8192, Preallocation.SPARSE, 2, 0, 0);
        SegmentKeeper keeper =
                new SegmentKeeper(
                        directory,
                        settings,
                        1,
                        List.of(),
                        0,
                        1,
                        () -> 1,
                        System::nanoTime,
                        () -> {});
        Thread worker = new UninterruptibleThread(() -> work(keeper), "worker");
        Thread truncater = new Thread(() -> truncate(keeper), "truncater");
        worker.start();
        truncater.start();

        long nextIndex = write(directory, keeper, truncater);
        isDone.set(true);
        truncater.join(TimeUnit.NANOSECONDS.toMillis(WAIT_NS));
        worker.join(TimeUnit.NANOSECONDS.toMillis(WAIT_NS));
        keeper.close();

        assertNull(problem.get());
        assertNull(keeper.failure());
        assertEquals((long) ROLLS * ENTRIES, nextIndex);
        assertTrue(keeper.firstIndex() >= truncatedBefore.get());
        int kept = LogDirectoryLayout.segmentNumbers(directory.list()).length;
        assertEquals(keeper.segmentCount() + 1, kept, "and the active one");
        assertEquals(kept, directory.list().size());
        assertEquals(keeper.firstIndex() + (long) kept * ENTRIES, nextIndex);
    }

    private void work(SegmentKeeper keeper) {
        while (!isDone.get()) {
            if (keeper.doWork() == 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void truncate(SegmentKeeper keeper) {
        try {
            while (!isDone.get()) {
                long index = keeper.firstIndex() + (long) keeper.segmentCount() / 2 * ENTRIES;
                keeper.truncateBefore(index);
                truncatedBefore.set(index);
                assertTrue(keeper.firstIndex() >= index);
            }
        } catch (Throwable e) {
            problem.set(e);
        }
    }

    private long write(StoreDirectory directory, SegmentKeeper keeper, Thread interrupted) {
        long deadlineNs = System.nanoTime() + WAIT_NS;
        long lastNumber = 0;
        Header last = null;
        for (int roll = 0; roll < ROLLS; roll++) {
            PreparedSegment prepared;
            while ((prepared = keeper.takePrepared()) == null) {
                assertNull(keeper.failure());
                assertTrue(System.nanoTime() < deadlineNs, "nothing gets ready");
                Thread.onSpinWait();
            }
            assertTrue(prepared.header().number() > lastNumber, "a number used twice");
            lastNumber = prepared.header().number();
            Header active = prepared.header().activated((long) roll * ENTRIES, 0);
            try (StoreFile file =
                    directory.openForWriting(SegmentDescriptor.fileName(lastNumber))) {
                SegmentFile.writeHeader(file, active);
            }
            if (last != null) {
                keeper.seal(last, active.baseIndex(), 8192, points(last));
            }
            last = active;
            interrupted.interrupt();
        }
        return (long) ROLLS * ENTRIES;
    }

    private static SparseIndexBuilder points(Header header) {
        SparseIndexBuilder points = new SparseIndexBuilder(SEGMENT_BYTES);
        points.add(header.baseIndex(), 1, SegmentDescriptor.HEADER_BYTES);
        return points;
    }
}
