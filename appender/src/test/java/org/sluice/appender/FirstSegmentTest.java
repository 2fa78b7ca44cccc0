package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.Preallocation;
import org.sluice.store.SegmentSettings;

import java.util.List;

final class FirstSegmentTest {
    private static final SegmentSettings SETTINGS =
            new SegmentSettings(64 * 1024, 8, 8 * 1024, Preallocation.SPARSE, 1, 0, 0);
    private static final long FIRST = 700;

    private static RecoveredLog begin(MemoryDirectory directory) {
        return FirstSegment.begin(directory, SETTINGS, Recovery.recover(directory), FIRST);
    }

    @Test
    void segmentShouldHoldNothingButSayWhereTheLogBegins() {
        MemoryDirectory directory = new MemoryDirectory();

        RecoveredLog log = begin(directory);

        assertEquals(FIRST, log.firstIndex());
        assertEquals(FIRST, log.nextIndex());
        assertEquals(List.of(), ReadLog.of(directory, log));
        assertTrue(LogVerifier.verify(directory, VerifyProgress.NONE).isSound());
    }

    /** Else a log would begin at 0 that was said to begin elsewhere, or be refused. */
    @Test
    void beginningStoppedAnywhereShouldLeaveNoLogOrThisOne() {
        assertStoppedAnywhere(new MemoryDirectory());
    }

    @Test
    void logWithoutEntriesShouldGiveWayHoweverOftenThisIsStopped() {
        TestLog empty = new TestLog(0, 8).segment().flush();

        assertEquals(FIRST, begin(empty.directory().copy()).firstIndex());
        assertStoppedAnywhere(empty.directory());
    }

    private static void assertStoppedAnywhere(MemoryDirectory before) {
        PowerCuts.atEveryChange(
                before,
                700_700,
                FirstSegmentTest::begin,
                (left, what) -> {
                    RecoveredLog log = Recovery.recover(left);
                    assertEquals(log.firstIndex(), log.nextIndex(), what);
                    if (log.nextIndex() != FIRST) {
                        assertEquals(0, log.nextIndex(), what);
                        assertEquals(FIRST, begin(left).firstIndex(), what);
                    }
                });
    }
}
