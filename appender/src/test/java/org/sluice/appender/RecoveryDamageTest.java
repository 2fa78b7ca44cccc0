package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;

import java.util.List;

/** Cuts and flips every byte of a log: what opens is a prefix, and the rest is refused. */
final class RecoveryDamageTest extends RecoveryFixture {
    @AfterAll
    static void tellDamage() {
        TestLog.tellDamage("RecoveryDamageTest");
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
}
