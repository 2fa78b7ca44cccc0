package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PendingEntriesTest {
    private final Histogram histogram = Latencies.emptyHistogram();

    @Test
    void latencyShouldCountFromWhenAnEntryWasDue() {
        PendingEntries pending = new PendingEntries(4, histogram);
        pending.add(10, 100);
        pending.add(20, 200);

        pending.reach(10, 400);

        assertEquals(1, histogram.getTotalCount());
        assertEquals(300, histogram.getMaxValue());
        assertFalse(pending.isEmpty());
        pending.reach(20, 1_000);
        assertTrue(histogram.valuesAreEquivalent(800, histogram.getMaxValue()));
        assertTrue(pending.isEmpty());
    }

    /** As when a disk goes on that stood still. */
    @Test
    void backlogShouldBeRecordedInStepsAndAsOfWhenItWasReached() {
        int count = 3 * PendingEntries.STEP;
        PendingEntries pending = new PendingEntries(2 * count, histogram);
        for (int i = 0; i < count; i++) {
            pending.add(i, 100);
        }

        for (int i = 1; i <= 3; i++) {
            assertFalse(pending.isEmpty());
            pending.reach(count - 1, 300 + 100 * i);
            assertEquals((long) i * PendingEntries.STEP, histogram.getTotalCount());
        }

        assertFalse(pending.isBehind());
        assertTrue(pending.isEmpty());
        assertEquals(300, histogram.getMaxValue());
        assertEquals(300, histogram.getMinValue());
    }

    @Test
    void nothingShouldBeDroppedInSilence() {
        PendingEntries pending = new PendingEntries(2, histogram);
        pending.add(1, 0);
        pending.add(2, 0);

        assertThrows(IllegalStateException.class, () -> pending.add(3, 0));
    }
}
