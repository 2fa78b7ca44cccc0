package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

final class RecoveryTest {
    private static final String FIRST = SegmentDescriptor.fileName(1);
    private static final String SECOND = SegmentDescriptor.fileName(2);
    private static final String THIRD = SegmentDescriptor.fileName(3);
    private static final int HEADER_BYTES = SegmentDescriptor.HEADER_BYTES;

    /** Recovers, and checks what must be true of any success. */
    private static RecoveredLog recover(MemoryDirectory directory) {
        RecoveredLog log = Recovery.recover(directory);

        if (!log.segments().isEmpty()) {
            RecoveredLog.Segment tail = log.segments().getLast();
            String name = SegmentDescriptor.fileName(tail.header().number());
            assertFalse(tail.sealed());
            assertTrue(directory.bytes(name).length <= tail.endPosition());
            assertEquals(log.nextIndex(), tail.nextIndex());
            assertEquals(log.firstIndex(), log.segments().getFirst().header().baseIndex());
        }
        for (RecoveredLog.Segment segment : log.segments()) {
            boolean isTail = segment.equals(log.segments().getLast());
            assertEquals(!isTail, segment.sealed());
        }
        assertEquals(log.segments().size(), directory.list().size());
        RecoveredLog again = Recovery.recover(directory);
        assertEquals(log.segments(), again.segments());
        assertEquals(log.nextIndex(), again.nextIndex());
        return log;
    }

    private static AppendException corrupt(MemoryDirectory directory, String what) {
        List<byte[]> before = new ArrayList<>();
        directory.list().forEach(name -> before.add(directory.bytes(name)));

        AppendException thrown =
                assertThrows(
                        AppendException.class, () -> Recovery.recover(directory.readOnly()), what);

        assertEquals(Code.CORRUPT, thrown.code(), thrown.getMessage());
        for (int i = 0; i < before.size(); i++) {
            assertTrue(Arrays.equals(before.get(i), directory.bytes(directory.list().get(i))));
        }
        return thrown;
    }

    @AfterAll
    static void tellDamage() {
        TestLog.tellDamage("RecoveryTest");
    }

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
        TestLog test = TestLog.threeSegments(512);
        List<String> acts = new ArrayList<>();
        ProbedDirectory directory = new ProbedDirectory(test.directory());
        directory.fault((act, name) -> acts.add(act + " " + name));

        Recovery.recover(directory);

        String name = SegmentDescriptor.fileName(2);
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

    /** Every cut of the last segment, which is all that a crash can leave cut. */
    @ParameterizedTest
    @ValueSource(ints = {8, 512})
    void tailCutAnywhereShouldOpenWithAPrefixOrRefuse(int alignBytes) {
        TestLog test = TestLog.threeSegments(alignBytes);
        int size = test.directory().bytes(THIRD).length;
        for (int bytes = 0; bytes <= size; bytes++) {
            MemoryDirectory directory = test.cut(THIRD, bytes);
            long next = firstCut(test, 3, bytes);

            RecoveredLog log = recover(directory);

            assertEquals(next, log.nextIndex(), "cut at " + bytes);
            assertEquals(test.expected(next), ReadLog.of(directory, log), "cut at " + bytes);
        }
    }

    /**
     * Index of the first entry in a batch of {@code segment} that does not end before {@code
     * bytes}.
     */
    private static long firstCut(TestLog test, long segment, int bytes) {
        for (TestLog.Batch batch : test.batches()) {
            if (batch.segment() == segment && (batch.end() > bytes || bytes < HEADER_BYTES)) {
                return batch.baseIndex();
            }
        }
        return test.nextIndex();
    }

    /**
     * An earlier segment is never cut by a crash; if batches behind it claim what is gone, refuse.
     */
    @Test
    void earlierSegmentCutAnywhereShouldOpenWithAPrefixOrRefuse() {
        TestLog test = TestLog.threeSegments(8);
        for (String name : List.of(FIRST, SECOND)) {
            int end = test.batches().get(name.equals(FIRST) ? 2 : 4).end();
            for (int bytes = 0; bytes < end + 8; bytes++) {
                MemoryDirectory directory = test.cut(name, bytes);
                if (bytes >= end) {
                    assertEquals(test.nextIndex(), recover(directory).nextIndex());
                } else {
                    AppendException thrown = corrupt(directory, name + " cut at " + bytes);
                    assertTrue(thrown.getMessage().contains(name), thrown.getMessage());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 512})
    void everyFlippedByteOfABatchShouldOpenWithAPrefixOrRefuse(int alignBytes) {
        TestLog test = TestLog.threeSegments(alignBytes);
        for (int i = 0; i < test.batches().size(); i++) {
            TestLog.Batch batch = test.batches().get(i);
            String name = SegmentDescriptor.fileName(batch.segment());
            for (int at = batch.position(); at < batch.end(); at++) {
                MemoryDirectory directory = test.flipped(name, at, 1 << (at & 7));
                String what = name + " flipped at " + at;
                if (batch.segment() == 1) {
                    // Sealed, so not read when the log is opened.
                    assertEquals(test.nextIndex(), recover(directory).nextIndex(), what);
                } else if (test.isClaimedLater(i)) {
                    AppendException thrown = corrupt(directory, what);
                    assertEquals(batch.baseIndex(), thrown.index(), what);
                    assertTrue(
                            thrown.getMessage().contains(name)
                                    && thrown.getMessage()
                                            .contains("position " + batch.position() + ":"),
                            thrown.getMessage());
                } else {
                    RecoveredLog log = recover(directory);
                    assertEquals(batch.baseIndex(), log.nextIndex(), what);
                }
            }
        }
    }

    @Test
    void everyFlippedByteOutsideBatchesShouldBeHarmlessOrRefused() {
        TestLog test = TestLog.threeSegments(512);
        for (String name : List.of(FIRST, SECOND, THIRD)) {
            byte[] bytes = test.directory().bytes(name);
            for (int at = 0; at < bytes.length; at += step(at, bytes.length)) {
                if (isInBatch(test, name, at)) {
                    continue;
                }
                MemoryDirectory directory = test.flipped(name, at, 0x41);
                String what = name + " flipped at " + at;
                boolean isHeader = at < SegmentDescriptor.HEADER_SECTOR_BYTES;
                if (isHeader) {
                    assertTrue(corrupt(directory, what).getMessage().contains(name), what);
                } else {
                    RecoveredLog log = recover(directory);
                    assertEquals(test.expected(test.nextIndex()), ReadLog.of(directory, log), what);
                }
            }
        }
    }

    /** Every byte of headers and index, every 16th of what is never read. */
    private static int step(int at, int size) {
        boolean isRead = at < SegmentDescriptor.HEADER_SECTOR_BYTES || at >= size - 4096;
        return isRead && (at < size - 4096 + 200 || at < HEADER_BYTES) ? 1 : 16;
    }

    private static boolean isInBatch(TestLog test, String name, int at) {
        return test.batches().stream()
                .anyMatch(
                        batch ->
                                SegmentDescriptor.fileName(batch.segment()).equals(name)
                                        && at >= batch.position()
                                        && at < batch.end());
    }

    @Test
    void headerOfALogsOnlySegmentShouldNotBeTakenForAnEmptyLog() {
        TestLog test = new TestLog(0, 8).segment().batch(1).save(false);
        for (int at = 0; at < SegmentDescriptor.HEADER_SECTOR_BYTES; at++) {
            corrupt(test.flipped(FIRST, at, 0x10), "flipped at " + at);
        }
    }

    @Test
    void holeBehindWhichNothingIsClaimedShouldBeCut() {
        TestLog test = new TestLog(0, 8).segment().batch(1).batch(2, 0).batch(3, 0).batch(4, 0);
        test.save(false).segment().batch(5, 0).save(false);
        MemoryDirectory directory = test.flipped(FIRST, test.batches().get(1).position() + 9, 1);

        RecoveredLog log = recover(directory);

        assertEquals(1, log.nextIndex());
        assertEquals(List.of(FIRST), directory.list());
        assertEquals(3, log.nextNumber());
    }

    @Test
    void holeBehindWhichALaterSegmentClaimsMoreShouldRefuse() {
        TestLog test = new TestLog(0, 8).segment().batch(1).batch(2, 0).batch(3, 0).save(false);
        test.segment().batch(5, 0).batch(1, 1).save(false);
        MemoryDirectory directory = test.flipped(FIRST, test.batches().get(1).position() + 9, 1);

        AppendException thrown = corrupt(directory, "claimed");

        assertEquals(1, thrown.index());
        assertTrue(thrown.getMessage().contains("entries 1 to 2 are lost"), thrown.getMessage());
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
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes, 0, 508);
        header.putInt(508, (int) crc.getValue(), ByteOrder.LITTLE_ENDIAN);
        test.directory().put(THIRD, bytes);

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(test.directory()));

        assertEquals(Code.NEWER_FORMAT, thrown.code());
    }

    @Test
    void truncationShouldVoidWhatIsBehindItInEarlierSegments() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder after =
                new SegmentBuilder(
                        SegmentBuilder.header(
                                TestLog.LOG_ID,
                                8,
                                4,
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                8,
                                SegmentDescriptor.FLAG_SUPERSEDES));
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
        SegmentBuilder after =
                new SegmentBuilder(
                        SegmentBuilder.header(
                                TestLog.LOG_ID,
                                8,
                                2,
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                8,
                                SegmentDescriptor.FLAG_SUPERSEDES));
        test.directory().put(SegmentDescriptor.fileName(8), after.bytes());

        corrupt(test.directory(), "inside a batch");
    }

    @Test
    void restartShouldVoidAllBefore() {
        TestLog test = TestLog.threeSegments(8);
        SegmentBuilder after =
                new SegmentBuilder(
                        SegmentBuilder.header(
                                TestLog.LOG_ID,
                                8,
                                5_000,
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                8,
                                SegmentDescriptor.FLAG_RESTARTS));
        test.directory().put(SegmentDescriptor.fileName(8), after.bytes());

        RecoveredLog log = recover(test.directory());

        assertEquals(5_000, log.firstIndex());
        assertEquals(5_000, log.nextIndex());
        assertEquals(List.of(SegmentDescriptor.fileName(8)), test.directory().list());
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
        long seed = 20_240_611;
        Random random = new Random(seed);
        List<TestLog> logs = new ArrayList<>();
        TestLog torn = new TestLog(0, 8).segment().batch(1).batch(2, 0).save(false);
        torn.segment().batch(3, 0).batch(1, 0).save(false);
        torn.directory().put(FIRST, torn.flipped(FIRST, HEADER_BYTES + 90, 1).bytes(FIRST));
        logs.add(torn);
        TestLog truncated = TestLog.threeSegments(8);
        SegmentBuilder after =
                new SegmentBuilder(
                        SegmentBuilder.header(
                                TestLog.LOG_ID,
                                8,
                                4,
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                8,
                                SegmentDescriptor.FLAG_SUPERSEDES));
        truncated.directory().put(SegmentDescriptor.fileName(8), after.bytes());
        truncated.directory().put("0000000000000009.spare", new byte[10]);
        logs.add(truncated);
        logs.add(TestLog.threeSegments(8));

        for (TestLog test : logs) {
            MemoryDirectory whole = test.directory().copy();
            RecoveredLog expected = recover(whole);
            List<String> lines = ReadLog.of(whole, expected);
            for (int i = 0; ; i++) {
                MemoryDirectory stopped = test.directory().copy();
                stopped.failAfter(i);
                try {
                    Recovery.recover(stopped);
                    break;
                } catch (MemoryDirectory.Stopped e) {
                    for (int cut = 0; cut < 20; cut++) {
                        MemoryDirectory left = stopped.powerCut(random);
                        RecoveredLog log = recover(left);
                        String what = "seed " + seed + ", step " + i + ", cut " + cut;
                        assertEquals(lines, ReadLog.of(left, log), what);
                        assertEquals(expected.firstIndex(), log.firstIndex(), what);
                    }
                }
            }
        }
    }
}
