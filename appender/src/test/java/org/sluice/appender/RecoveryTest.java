package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Signatures;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class RecoveryTest extends RecoveryFixture {
    @Test
    void emptyDirectoryShouldBeAnEmptyLog() {
        RecoveredLog log = recover(new MemoryDirectory());

        assertEquals(List.of(), log.segments());
        assertEquals(0, log.firstIndex());
        assertEquals(0, log.nextIndex());
        assertEquals(1, log.nextNumber());
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 512, 4096})
    void wholeLogShouldOpenWithAllItsEntries(int alignBytes) {
        TestLog test = TestLog.threeSegments(alignBytes);

        RecoveredLog log = recover(test.directory());

        assertEquals(test.expected(test.nextIndex()), ReadLog.of(test.directory(), log));
        assertEquals(test.nextIndex(), log.nextIndex());
        assertEquals(TestLog.LOG_ID, log.logId());
        assertEquals(4, log.nextNumber());
    }

    @Test
    void wholeSegmentShouldBeWrittenAgainBeforeItIsSealed() {
        assertWrittenAgain(TestLog.threeSegments(512), SECOND);
    }

    /** The mark is of a close before that; the roll may have failed on its way to the disk. */
    @Test
    void emptyTailBehindTheMarkOfACloseShouldBeWrittenAgain() {
        TestLog test = new TestLog(0, 512).segment().batch(1).close().segment().save(false);

        assertWrittenAgain(test, SECOND);
        assertFalse(LogVerifier.verify(test.directory(), VerifyProgress.NONE).isClosed());
    }

    private static void assertWrittenAgain(TestLog test, String name) {
        List<String> acts = new ArrayList<>();
        ProbedDirectory directory = new ProbedDirectory(test.directory());
        directory.fault((act, file) -> acts.add(act + " " + file));

        Recovery.recover(directory);

        int written = acts.indexOf(ProbedDirectory.Act.WRITE + " " + name);
        int synced = acts.indexOf(ProbedDirectory.Act.SYNC + " " + name);
        assertTrue(written >= 0 && written < synced, acts::toString);
    }

    @Test
    void logShouldStartAtAnyIndex() {
        TestLog test = new TestLog(1_000_000_000_000L, 8);
        test.segment().batch(2).save(true).segment().batch(1).close();

        RecoveredLog log = recover(test.directory());

        assertEquals(1_000_000_000_000L, log.firstIndex());
        assertEquals(test.expected(test.nextIndex()), ReadLog.of(test.directory(), log));
    }

    @Test
    void preparedSegmentsAndSparesShouldGo() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        directory.put(
                SegmentDescriptor.fileName(5),
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 5, -1)).bytes());
        directory.put("0000000000000009.spare", new byte[100]);

        RecoveredLog log = recover(directory);

        assertEquals(List.of(FIRST, SECOND, THIRD), directory.list());
        assertEquals(test.nextIndex(), log.nextIndex());
        assertEquals(10, log.nextNumber());
    }

    /** The writer had rolled, but the new segment's header was not on disk when the power went. */
    @Test
    void batchesBehindALostHeaderShouldBeDroppedUnlessClaimed() {
        for (long claimed = 0; claimed <= 2; claimed++) {
            TestLog test = new TestLog(0, 8).segment().batch(1).batch(1, 0).save(false);
            test.segment().batch(1, 0).batch(1, claimed).save(false);
            MemoryDirectory directory = test.directory();
            byte[] bytes = directory.bytes(SECOND);
            SegmentDescriptor.Header prepared = SegmentBuilder.header(TestLog.LOG_ID, 2, -1);
            SegmentDescriptor.encode(new UnsafeBuffer(bytes), 0, prepared);
            directory.put(SECOND, bytes);

            if (claimed >= 2) {
                corrupt(directory, "claimed " + claimed);
            } else {
                assertEquals(2, recover(directory).nextIndex());
                assertEquals(List.of(FIRST), directory.list());
            }
        }
    }

    @Test
    void missingSegmentShouldRefuse() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        directory.remove(SECOND);

        assertEquals(6, corrupt(directory, "missing").index());
    }

    @Test
    void missingFirstSegmentIsRetention() {
        TestLog test = TestLog.threeSegments(8);
        test.directory().remove(FIRST);

        RecoveredLog log = recover(test.directory());

        assertEquals(6, log.firstIndex());
        assertEquals(test.nextIndex(), log.nextIndex());
    }

    @Test
    void segmentsSwappedRenamedOrDuplicatedShouldRefuse() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory swapped = test.directory().copy();
        swapped.put(FIRST, test.directory().bytes(SECOND));
        swapped.put(SECOND, test.directory().bytes(FIRST));
        MemoryDirectory renamed = test.directory().copy();
        renamed.put(SegmentDescriptor.fileName(7), test.directory().bytes(THIRD));
        renamed.remove(THIRD);
        MemoryDirectory duplicated = test.directory().copy();
        duplicated.put(SegmentDescriptor.fileName(4), test.directory().bytes(SECOND));

        assertTrue(corrupt(swapped, "swapped").getMessage().contains(FIRST));
        assertTrue(corrupt(renamed, "renamed").getMessage().contains("0000000000000007.seg"));
        assertTrue(corrupt(duplicated, "duplicated").getMessage().contains("0000000000000004.seg"));
    }

    @Test
    void segmentOfAnotherLogShouldRefuse() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder other =
                new SegmentBuilder(SegmentBuilder.header(99, 4, test.nextIndex())).batch(1, 0);
        test.directory().put(SegmentDescriptor.fileName(4), other.bytes());

        AppendException thrown = corrupt(test.directory(), "other log");

        assertTrue(thrown.getMessage().contains("0000000000000004.seg"), thrown.getMessage());
    }

    /** No number would be left for the segments to come: their names would be no segments'. */
    @ParameterizedTest
    @ValueSource(ints = {0, 512, 5_000})
    void segmentOfTheHighestNumberShouldRefuseUntilItIsRepaired(int bytes) {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        String name = SegmentDescriptor.fileName(9_999_999_999_999_999L);
        directory.put(name, Arrays.copyOf(directory.bytes(THIRD), bytes));
        directory.put(LogDirectoryLayout.spareName(9_999_999_999_999_998L), new byte[0]);

        assertTrue(corrupt(directory.copy(), "number").getMessage().contains(name));

        LogRepair.execute(directory);
        RecoveredLog log = Recovery.recover(directory);
        assertEquals(test.expected(test.nextIndex()), ReadLog.of(directory, log));
        assertEquals(4, log.nextNumber());
    }

    /** The next entries' indexes would be negative. */
    @ParameterizedTest
    @ValueSource(longs = {(1L << 62) + 1, Long.MAX_VALUE - 2, Long.MAX_VALUE})
    void segmentOfTheHighestIndexesShouldRefuseUntilItIsRepaired(long baseIndex) {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentBuilder forged =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, baseIndex));
        directory.put(FIRST, forged.closed(1_000).trimmed());

        assertTrue(corrupt(directory.copy(), "index").getMessage().contains(FIRST));

        LogRepair.execute(directory);
        RecoveredLog log = Recovery.recover(directory);
        assertEquals(0, log.nextIndex());
        assertEquals(List.of("damaged-" + FIRST), directory.list());
    }

    @Test
    void segmentThatBeginsTooEarlyShouldRefuse() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder early = new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 4, 3));
        test.directory().put(SegmentDescriptor.fileName(4), early.bytes());

        corrupt(test.directory(), "too early");
    }

    @Test
    void newerFormatShouldSaySo() {
        TestLog test = TestLog.threeSegments(8);
        byte[] bytes = test.directory().bytes(THIRD);
        UnsafeBuffer header = new UnsafeBuffer(bytes);
        header.putInt(8, SegmentDescriptor.VERSION + 1, ByteOrder.LITTLE_ENDIAN);
        Signatures.signHeader(header);
        test.directory().put(THIRD, bytes);

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(test.directory()));

        assertEquals(Code.NEWER_FORMAT, thrown.code());
    }

    @Test
    void truncationShouldVoidWhatIsBehindItInEarlierSegments() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder after = TestLog.truncatedTo(4);
        after.batch(9_000, 3, TestLog.content(4));
        test.directory().put(SegmentDescriptor.fileName(8), after.bytes());

        RecoveredLog log = recover(test.directory());

        assertEquals(5, log.nextIndex());
        assertEquals(List.of(FIRST, SegmentDescriptor.fileName(8)), test.directory().list());
        assertEquals(test.expected(5), ReadLog.of(test.directory(), log));
        assertEquals(9, log.nextNumber());
    }

    @Test
    void truncationInsideABatchShouldRefuse() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder after = TestLog.truncatedTo(2);
        test.directory().put(SegmentDescriptor.fileName(8), after.bytes());

        corrupt(test.directory(), "inside a batch");
    }

    @Test
    void fileWithoutContentBehindTheTailShouldGo() {
        TestLog test = TestLog.threeSegments(8);
        test.directory().put(SegmentDescriptor.fileName(4), new byte[0]);
        test.directory().put(SegmentDescriptor.fileName(5), new byte[70_000]);

        assertEquals(test.nextIndex(), recover(test.directory()).nextIndex());
    }

    /**
     * Whatever is stopped, and whatever the power cut keeps of it, the next recovery ends the same.
     */
    @Test
    void recoveryStoppedAnywhereShouldBeDoneAgain() {
        List<TestLog> logs = new ArrayList<>();
        TestLog torn = new TestLog(0, 8).segment().batch(1).batch(2, 0).save(false);
        torn.segment().batch(3, 0).batch(1, 0).save(false);
        torn.directory().put(FIRST, torn.flipped(FIRST, HEADER_BYTES + 90, 1).bytes(FIRST));
        logs.add(torn);
        TestLog truncated = TestLog.threeSegments(8);
        SegmentBuilder after = TestLog.truncatedTo(4);
        truncated.directory().put(SegmentDescriptor.fileName(8), after.bytes());
        truncated.directory().put("0000000000000009.spare", new byte[10]);
        logs.add(truncated);
        logs.add(TestLog.threeSegments(8));

        for (TestLog test : logs) {
            MemoryDirectory whole = test.directory().copy();
            RecoveredLog expected = recover(whole);
            List<String> lines = ReadLog.of(whole, expected);
            PowerCuts.atEveryChange(
                    test.directory(),
                    20_240_611,
                    Recovery::recover,
                    (left, what) -> {
                        RecoveredLog log = recover(left);
                        assertEquals(lines, ReadLog.of(left, log), what);
                        assertEquals(expected.firstIndex(), log.firstIndex(), what);
                    });
        }
    }
}
