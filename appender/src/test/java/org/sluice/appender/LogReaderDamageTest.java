package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;

import java.util.Arrays;

/**
 * What a reader makes of damage: it stops before it, goes on behind it, and mistakes nothing for
 * it.
 */
final class LogReaderDamageTest extends LogReaderFixture {
    @AfterAll
    static void tellDamage() {
        TestLog.tellDamage("LogReaderDamageTest");
    }

    @Test
    void everyFlippedByteShouldStopPollBeforeItAndNowhereElse() {
        TestLog test = TestLog.threeSegments(512);
        for (int i = 0; i < test.batches().size(); i++) {
            TestLog.Batch batch = test.batches().get(i);
            String name = SegmentDescriptor.fileName(batch.segment());
            boolean isProven = batch.segment() == 1 || test.isClaimedLater(i);
            for (int at = batch.position(); at < batch.end(); at++) {
                MemoryDirectory directory = test.flipped(name, at, 1 << (at & 7)).readOnly();
                String what = name + " flipped at " + at;
                try (LogReader reader = open(directory)) {
                    AppendException thrown = null;
                    try {
                        drain(reader);
                    } catch (AppendException e) {
                        thrown = e;
                    }
                    assertEquals(withoutAborted(test.expected(batch.baseIndex())), lines, what);
                    assertEquals(isProven, thrown != null, what);
                    if (isProven) {
                        assertEquals(Code.CORRUPT, thrown.code(), what);
                        assertEquals(batch.baseIndex(), thrown.index(), what);
                        assertTrue(
                                thrown.getMessage().contains("position " + batch.position() + ":"),
                                thrown.getMessage());
                        thrown(Code.CORRUPT, () -> reader.poll(toLines, 1));
                        goOnBehind(reader, test, batch);
                    }
                }
            }
        }
    }

    private void goOnBehind(LogReader reader, TestLog test, TestLog.Batch lost) {
        long behind = lost.baseIndex() + lost.count();
        if (lost.count() > 0 && behind < test.nextIndex()) {
            lines.clear();
            reader.seek(behind);
            drain(reader);
            assertEquals(
                    withoutAborted(
                            test.expected(test.nextIndex())
                                    .subList((int) behind, (int) test.nextIndex())),
                    lines);
            lines.clear();
            thrown(Code.CORRUPT, () -> reader.read(lost.baseIndex(), toLines));
            if (TestLog.content(behind) != null) {
                reader.read(behind, toLines);
                assertEquals(
                        test.expected(behind + 1).subList((int) behind, (int) behind + 1), lines);
            }
        }
    }

    @Test
    void headersFlippedShouldStopPollBeforeTheSegment() {
        TestLog test = TestLog.threeSegments(512);
        for (int number = 1; number <= 3; number++) {
            String name = SegmentDescriptor.fileName(number);
            long base = new long[] {0, 6, 12}[number - 1];
            for (int at = 0; at < SegmentDescriptor.HEADER_SECTOR_BYTES; at += 7) {
                try (LogReader reader = open(test.flipped(name, at, 0x20).readOnly())) {
                    thrown(Code.CORRUPT, () -> reader.read(base, toLines));
                    if (number == 1) {
                        thrown(Code.CORRUPT, () -> reader.seek(base));
                        reader.seekToTime(Long.MIN_VALUE);
                    }
                    AppendException thrown = thrown(Code.CORRUPT, () -> drain(reader));

                    assertTrue(thrown.getMessage().contains(name), thrown.getMessage());
                    assertEquals(withoutAborted(test.expected(base)), lines);
                }
            }
        }
    }

    @Test
    void liveTailShouldNotBeDamage() {
        TestLog test = new TestLog(0, 8).segment().batch(2).batch(2).flush();
        MemoryDirectory directory = test.directory();
        byte[] whole = directory.bytes(test.name());
        int second = test.batches().get(1).position();
        byte[] torn = whole.clone();
        Arrays.fill(torn, second + 20, torn.length, (byte) 0);
        directory.overwrite(test.name(), torn);
        try (LogReader reader = open(directory)) {
            assertEquals(2, drain(reader).size());
            for (int i = 0; i < 100; i++) {
                nowNs += SECOND_NS;
                assertEquals(0, reader.poll(toLines, 1));
            }
            directory.overwrite(test.name(), whole);
            assertEquals(2, drain(reader).size());
        }
    }

    @Test
    void damageWhileWaitingShouldBeFoundInTime() {
        TestLog test = new TestLog(0, 8).segment().batch(2).flush();
        try (LogReader reader = open(test.directory())) {
            assertEquals(2, drain(reader).size());
            test.builder().skip(64, 3);
            test.batch(1, 3).batch(1, 4).flush();
            AppendException thrown = null;
            for (int i = 0; i < 100 && thrown == null; i++) {
                nowNs += SECOND_NS / 10;
                try {
                    reader.poll(toLines, 1);
                } catch (AppendException e) {
                    thrown = e;
                }
            }

            assertEquals(Code.CORRUPT, thrown.code());
            assertEquals(2, thrown.index());
        }
    }

    @Test
    void secondDamageOfASegmentShouldBeToldAtOnce() {
        TestLog test = new TestLog(0, 8).segment();
        for (int i = 0; i < 30; i++) {
            test.batch(1);
        }
        test.save(false);
        MemoryDirectory directory = test.flipped(test.name(), test.batches().get(5).position(), 1);
        byte[] bytes = directory.bytes(test.name());
        bytes[test.batches().get(15).position()] ^= 1;
        directory.put(test.name(), bytes);
        try (LogReader reader = open(directory)) {
            reader.seek(10);

            AppendException thrown = thrown(Code.CORRUPT, () -> reader.poll(toLines, 100));

            assertEquals(15, thrown.index());
            assertEquals(withoutAborted(test.expected(15).subList(10, 15)), lines);
        }
    }

    @Test
    void seekToTimeShouldPassASegmentWhoseFirstBatchIsDamaged() {
        TestLog test = new TestLog(0, 8);
        for (int number = 1; number <= 8; number++) {
            test.segment().batch(1).batch(1).save(true);
        }
        for (int number = 2; number <= 7; number++) {
            int first = 2 * (number - 1);
            MemoryDirectory directory =
                    test.flipped(
                            SegmentDescriptor.fileName(number),
                            test.batches().get(first).position(),
                            1);
            try (LogReader reader = open(directory)) {
                for (int batch = 0; batch < 16; batch++) {
                    reader.seekToTime(1_000 + 10L * batch);
                    // What is as old as the first one behind the damage may stand in it.
                    boolean isLost = first <= batch && batch <= first + 2;
                    assertEquals(isLost ? first : batch, reader.nextIndex(), "batch " + batch);
                }
            }
        }
    }
}
