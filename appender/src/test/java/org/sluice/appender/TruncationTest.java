package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;

import java.util.List;
import java.util.Random;

final class TruncationTest {
    /** So many that a step whose outcome is open shows both. */
    private static final int CUTS = 30;

    @ParameterizedTest
    @ValueSource(ints = {8, 4096})
    void truncateAfterShouldKeepExactlyTheEntriesUpToTheIndex(int alignBytes) {
        TestLog test = TestLog.threeSegments(alignBytes);
        for (long index = -1; index < test.nextIndex(); index++) {
            MemoryDirectory directory = test.directory().copy();
            RecoveredLog before = Recovery.recover(directory);

            RecoveredLog log = Truncation.truncateAfter(directory, before, index);

            assertEquals(index + 1, log.nextIndex());
            assertEquals(test.expected(index + 1), ReadLog.of(directory, log));
            assertEquals(log.segments(), Recovery.recover(directory).segments());
            assertFalse(log.segments().getLast().sealed());
        }
    }

    @Test
    void truncateAfterTheLastEntryShouldChangeNothing() {
        TestLog test = TestLog.threeSegments(8);
        RecoveredLog log = Recovery.recover(test.directory());
        int mutations = test.directory().mutations();

        assertEquals(log, Truncation.truncateAfter(test.directory(), log, test.nextIndex() - 1));

        assertEquals(mutations, test.directory().mutations());
    }

    @Test
    void truncateAfterShouldRefuseAnIndexThatIsNotThere() {
        TestLog test = TestLog.threeSegments(8);
        RecoveredLog log = Recovery.recover(test.directory());

        for (long index : new long[] {Long.MIN_VALUE, -2, test.nextIndex(), Long.MAX_VALUE}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Truncation.truncateAfter(test.directory(), log, index));
        }
    }

    /** A forged sparse index can lead there, or can prove entries that no batch holds. */
    @Test
    void batchBehindTheEntrySoughtShouldBeNamed() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        RecoveredLog log = Recovery.recover(directory);
        SegmentBuilder forged =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0))
                        .skip(0, 3)
                        .batch(1_000, -1, new byte[5]);
        directory.put(SegmentDescriptor.fileName(1), forged.bytes());

        AppendException thrown =
                assertThrows(
                        AppendException.class, () -> Truncation.truncateAfter(directory, log, 0));

        assertEquals(AppendException.Code.CORRUPT, thrown.code());
    }

    @Test
    void truncationsShouldAddUp() {
        TestLog test = TestLog.threeSegments(8);
        RecoveredLog log = Recovery.recover(test.directory());
        for (long index : new long[] {12, 8, 7, 3, 1, 0, -1}) {
            log = Truncation.truncateAfter(test.directory(), log, index);

            assertEquals(test.expected(index + 1), ReadLog.of(test.directory(), log));
        }
    }

    /**
     * Before the step that counts the old log stands, after it the new; nothing else is ever seen.
     */
    @Test
    void truncationStoppedAnywhereShouldLeaveTheOldLogOrTheNew() {
        long seed = 7_071_067;
        Random random = new Random(seed);
        TestLog test = TestLog.threeSegments(8);
        List<String> before = test.expected(test.nextIndex());
        for (long index : new long[] {-1, 1, 4, 5, 9, 12}) {
            List<String> after = test.expected(index + 1);
            boolean isDecided = false;
            for (int i = 0; ; i++) {
                MemoryDirectory stopped = test.directory().copy();
                RecoveredLog log = Recovery.recover(stopped);
                stopped.failAfter(i);
                try {
                    Truncation.truncateAfter(stopped, log, index);
                    break;
                } catch (MemoryDirectory.Stopped e) {
                    String what = "seed " + seed + ", index " + index + ", step " + i;
                    boolean isAlwaysNew = true;
                    for (int cut = 0; cut < CUTS; cut++) {
                        MemoryDirectory left = stopped.powerCut(random);
                        List<String> lines = ReadLog.of(left, Recovery.recover(left));
                        assertTrue(lines.equals(before) || lines.equals(after), what + lines);
                        isAlwaysNew &= lines.equals(after);
                    }
                    assertTrue(isAlwaysNew || !isDecided, what);
                    isDecided |= isAlwaysNew;
                }
            }
            assertTrue(isDecided);
        }
    }
}
