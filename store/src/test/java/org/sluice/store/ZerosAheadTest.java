package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.collections.MutableLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which segments are written ahead, and of what size they are so that it can be done in time. */
final class ZerosAheadTest {
    private static final long FIRST_BYTES = 8 << 20;
    private static final long SEGMENT_BYTES = 2 * FIRST_BYTES;

    /** More turns than zeros of one segment take. */
    private static final int TURNS = 8;

    private final MutableLong nanoTime = new MutableLong(Long.MAX_VALUE - 10);
    private final MemoryDirectory directory = new MemoryDirectory();
    private SegmentKeeper keeper;

    @BeforeEach
    void makeKeeper() {
        SegmentSettings settings =
                new SegmentSettings(SEGMENT_BYTES, 512, 8192, Preallocation.RESERVE, 1, 0, 0, true);
        keeper =
                new SegmentKeeper(
                        directory, settings, 77, List.of(), 0, 1, () -> 1, nanoTime::get, () -> {});
    }

    @Test
    void firstSegmentShouldBeShortAndZeroedWithinThreeTurns() {
        turns(3);
        assertEquals(0, changesIn(TURNS), "nothing is left to be done");
        assertEquals(FIRST_BYTES, keeper.takePrepared().segmentBytes());
    }

    @Test
    void nextSegmentsShouldGrowUpToTheSizeThatWasSet() {
        for (long bytes : new long[] {FIRST_BYTES, SEGMENT_BYTES, SEGMENT_BYTES}) {
            turns(TURNS);
            assertEquals(bytes, keeper.takePrepared().segmentBytes());
        }
    }

    @Test
    void logInAHurryShouldGetItsNextSegmentAndNoZeros() {
        turns(TURNS);
        keeper.takePrepared();
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(5));
        turns(1);
        keeper.takePrepared();
        turns(1);

        assertEquals(0, changesIn(TURNS), "8 MiB filled within 5 ms");
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertTrue(changesIn(TURNS) > 0, "16 MiB not filled after a second");
    }

    @Test
    void logThatTakesItsTimeShouldGetZerosAtOnce() {
        turns(TURNS);
        keeper.takePrepared();
        turns(1);
        nanoTime.addAndGet(TimeUnit.MILLISECONDS.toNanos(200));
        keeper.takePrepared();
        turns(1);

        assertTrue(changesIn(TURNS) > 0, "8 MiB filled within 200 ms");
    }

    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            keeper.doWork();
        }
    }

    private int changesIn(int turns) {
        int before = directory.mutations();
        turns(turns);
        return directory.mutations() - before;
    }
}
