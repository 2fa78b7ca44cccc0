package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.SparseIndexBuilder;
import org.sluice.store.StoreFile;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

final class LogReaderTest extends LogReaderFixture {
    @ParameterizedTest
    @ValueSource(ints = {8, 512, 4096})
    void pollShouldDeliverEveryEntryOnceAndInOrder(int alignBytes) {
        TestLog test = TestLog.threeSegments(alignBytes);
        try (LogReader reader = open(test.directory().copy().readOnly())) {
            assertEquals(withoutAborted(test.expected(test.nextIndex())), drain(reader));
            assertEquals(test.nextIndex(), reader.nextIndex());
            assertEquals(test.nextIndex() - 1, reader.lastIndex());
            assertEquals(0, reader.firstIndex());
            assertEquals(0, reader.poll(toLines, 1));
        }
    }

    @Test
    void pollShouldFollowAWriterThroughRolls() {
        TestLog test = new TestLog(0, 8);
        try (LogReader reader = open(test.directory())) {
            assertEquals(0, reader.poll(toLines, 10));
            assertEquals(-1, reader.lastIndex());
            for (int i = 0; i < 30; i++) {
                if (i % 10 == 0) {
                    test.segment();
                }
                test.batch(1 + i % 3).flush();
                while (reader.nextIndex() < test.nextIndex()) {
                    reader.poll(toLines, 2);
                    nowNs += SECOND_NS;
                }
            }
            assertEquals(withoutAborted(test.expected(test.nextIndex())), lines);
        }
    }

    @Test
    void pollShouldRespectWhatTheWriterSaysIsWritten() {
        TestLog test = TestLog.threeSegments(8);
        long[] written = {-1};
        try (LogReader reader =
                new LogReader(test.directory(), () -> written[0], () -> 0, () -> nowNs)) {
            assertEquals(0, reader.poll(toLines, 10));
            written[0] = 5;
            while (reader.poll(toLines, 10) > 0) {
                // Until it returns nothing.
            }
            assertEquals(withoutAborted(test.expected(6)), lines);
            assertEquals(5, reader.lastIndex());
            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.read(6, toLines));
        }
    }

    @Test
    void seekShouldGoToAnyEntry() {
        TestLog test = TestLog.threeSegments(8);
        List<String> all = test.expected(test.nextIndex());
        try (LogReader reader = open(test.directory())) {
            for (long index = test.nextIndex(); index >= 0; index--) {
                reader.seek(index);

                assertEquals(index, reader.nextIndex());
                assertEquals(withoutAborted(all.subList((int) index, all.size())), drain(reader));
            }
        }
    }

    @Test
    void seekBeyondTheEndShouldWaitForTheEntry() {
        TestLog test = new TestLog(0, 8).segment().batch(3).flush();
        try (LogReader reader = open(test.directory())) {
            reader.seek(5);
            assertEquals(List.of(), drain(reader));

            test.batch(4).flush();
            nowNs += SECOND_NS;

            assertEquals(List.of("5=entry 5-----"), drain(reader));
        }
    }

    @Test
    void seekToTimeShouldFindTheFirstBatchNotOlder() {
        TestLog test = TestLog.threeSegments(8);
        try (LogReader reader = open(test.directory())) {
            for (int i = 0; i < test.batches().size(); i++) {
                for (int early = 0; early < 10; early += 9) {
                    reader.seekToTime(1_000 + 10L * i - early);

                    assertEquals(test.batches().get(i).baseIndex(), reader.nextIndex());
                }
            }
            reader.seekToTime(Long.MIN_VALUE);
            assertEquals(0, reader.nextIndex());
            reader.seekToTime(Long.MAX_VALUE);
            assertEquals(test.nextIndex(), reader.nextIndex());
        }
    }

    @Test
    void readShouldHandOverAnyEntryInAnyOrder() {
        TestLog test = TestLog.threeSegments(512);
        List<String> all = test.expected(test.nextIndex());
        try (LogReader reader = open(test.directory().copy().readOnly())) {
            for (int i = 0; i < 200; i++) {
                long index = i * 7L % test.nextIndex();
                lines.clear();
                if (TestLog.content(index) == null) {
                    assertEquals(
                            index,
                            thrown(Code.ENTRY_ABORTED, () -> reader.read(index, toLines)).index());
                } else {
                    reader.read(index, toLines);
                    assertEquals(List.of(all.get((int) index)), lines);
                }
            }
            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.read(test.nextIndex(), toLines));
            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.read(Long.MAX_VALUE, toLines));
            assertThrows(IllegalArgumentException.class, () -> reader.read(-1, toLines));
            assertEquals(0, reader.nextIndex());
        }
    }

    @Test
    void readBatchShouldHandOverByRisingIndex() {
        TestLog test = TestLog.threeSegments(8);
        List<String> all = test.expected(test.nextIndex());
        try (LogReader reader = open(test.directory())) {
            reader.readBatch(new long[] {11, 0, 5, 5, 3}, toLines);
            assertEquals(
                    List.of(all.get(0), all.get(3), all.get(5), all.get(5), all.get(11)), lines);

            lines.clear();
            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.readBatch(new long[] {99, 1, 2}, toLines));
            assertEquals(List.of(all.get(1), all.get(2)), lines);
        }
    }

    @Test
    void indexBeforeTheFirstShouldBeTruncated() {
        TestLog test = TestLog.threeSegments(8);
        test.directory().remove(SegmentDescriptor.fileName(1));
        try (LogReader reader = open(test.directory())) {
            assertEquals(6, reader.firstIndex());
            AppendException thrown = thrown(Code.INDEX_TRUNCATED, () -> reader.read(5, toLines));
            assertTrue(thrown.getMessage().contains("first one is 6"), thrown.getMessage());
            assertEquals(5, thrown.index());
            thrown(Code.INDEX_TRUNCATED, () -> reader.seek(5));
            reader.seek(6);
            assertEquals(
                    withoutAborted(test.expected(test.nextIndex())).size() - 6,
                    drain(reader).size());
        }
    }

    @Test
    void retentionBehindTheReadersBackShouldBeToldOnce() {
        TestLog test = new TestLog(0, 8);
        test.segment().batch(3).save(true).segment().batch(3).save(true);
        test.segment().batch(3).save(true).segment().batch(3).flush();
        try (LogReader reader = open(test.directory())) {
            assertEquals(1, reader.poll(toLines, 1));
            test.directory().remove(SegmentDescriptor.fileName(1));
            test.directory().remove(SegmentDescriptor.fileName(2));
            lines.clear();

            // What it has open it may finish.
            assertEquals(2, reader.poll(toLines, 2));
            nowNs += SECOND_NS;
            AppendException thrown = thrown(Code.INDEX_TRUNCATED, () -> reader.poll(toLines, 10));

            assertTrue(thrown.getMessage().contains("first one is 6"), thrown.getMessage());
            assertEquals(6, reader.nextIndex());
            assertEquals(5, drain(reader).size());
        }
    }

    @Test
    void segmentRecycledUnderTheReaderShouldNotLookLikeDamage() {
        TestLog test = new TestLog(0, 8);
        test.segment().batch(1).batch(2).save(true).segment().batch(3).batch(1, 2).flush();
        MemoryDirectory directory = test.directory();
        try (LogReader reader = open(directory)) {
            reader.seek(0);
            assertEquals(1, reader.poll(toLines, 1));
            // Reads ahead of the batch are gone from the buffer by a seek to the same place.
            reader.seek(1);
            SegmentBuilder recycled =
                    new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 3, 7));
            directory.rename(SegmentDescriptor.fileName(1), SegmentDescriptor.fileName(3));
            directory.overwrite(SegmentDescriptor.fileName(3), recycled.bytes());
            nowNs += SECOND_NS;

            thrown(Code.INDEX_TRUNCATED, () -> reader.poll(toLines, 1));
            assertEquals(withoutAborted(test.expected(7).subList(3, 7)), drain(reader));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void truncationByTheSameProcessShouldBeSeenAtOnce(boolean inBatch) {
        TestLog test = new TestLog(0, 8).segment().batch(4).batch(4).batch(4).save(false);
        MemoryDirectory directory = test.directory();
        try (LogReader reader = open(directory)) {
            reader.poll(toLines, inBatch ? 2 : 4);
            lines.clear();
            truncations++;
            Truncation.truncateAfter(directory, Recovery.recover(directory), 4);

            assertEquals(
                    withoutAborted(test.expected(5).subList(inBatch ? 2 : 4, 5)), drain(reader));
        }
    }

    @Test
    void truncationBeforeTheReaderShouldBeToldOnce() {
        for (boolean sameProcess : new boolean[] {true, false}) {
            for (long index : new long[] {3, 4, 5}) {
                TestLog test = new TestLog(0, 8).segment().batch(4).batch(2).batch(4).flush();
                MemoryDirectory directory = test.directory();
                try (LogReader reader = open(directory)) {
                    reader.seek(9);
                    assertEquals(1, drain(reader).size());
                    Truncation.truncateAfter(directory, Recovery.recover(directory), index);
                    truncations += sameProcess ? 1 : 0;
                    nowNs += 10 * SECOND_NS;

                    AppendException thrown =
                            thrown(Code.INDEX_TRUNCATED, () -> reader.poll(toLines, 9));

                    assertTrue(
                            thrown.getMessage().contains("new entry " + (index + 1)),
                            thrown.getMessage());
                    assertEquals(index + 1, reader.nextIndex());
                    assertEquals(0, reader.poll(toLines, 9));
                }
            }
        }
    }

    @Test
    void handlerThatThrowsShouldLoseNothingElse() {
        TestLog test = TestLog.threeSegments(8);
        try (LogReader reader = open(test.directory())) {
            EntryHandler failing =
                    (buffer, offset, length, index, timestampNs) -> {
                        toLines.onEntry(buffer, offset, length, index, timestampNs);
                        if (index % 3 == 1) {
                            throw new IllegalStateException("handler");
                        }
                    };
            int failures = 0;
            while (reader.nextIndex() < test.nextIndex()) {
                try {
                    reader.poll(failing, 5);
                } catch (IllegalStateException e) {
                    failures++;
                }
            }
            assertEquals(4, failures);
            assertEquals(withoutAborted(test.expected(test.nextIndex())), lines);
        }
    }

    @Test
    void handlerMayCloseTheReaderButNotUseIt() {
        TestLog test = TestLog.threeSegments(8);
        LogReader reader = open(test.directory());
        reader.poll(
                (buffer, offset, length, index, timestampNs) -> {
                    assertThrows(IllegalStateException.class, () -> reader.seek(0));
                    assertThrows(IllegalStateException.class, () -> reader.poll(toLines, 1));
                    reader.close();
                },
                10);

        thrown(Code.CLOSED, () -> reader.poll(toLines, 1));
        reader.close();
    }

    @Test
    void argumentsShouldBeChecked() {
        try (LogReader reader = open(new MemoryDirectory())) {
            assertThrows(IllegalArgumentException.class, () -> reader.poll(toLines, 0));
            assertThrows(NullPointerException.class, () -> reader.poll(null, 1));
            assertThrows(IllegalArgumentException.class, () -> reader.seek(-1));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> reader.readBatch(new long[] {3, -1}, toLines));
            assertEquals(0, reader.nextIndex());
            assertFalse(reader.poll(toLines, 1) > 0);
        }
    }

    @Test
    void firstEntryShouldNotBeDeliveredBeforeItIsWritten() {
        TestLog test = new TestLog(100, 512);
        test.segment().batch(2).flush();
        AtomicLong writtenIndex = new AtomicLong(99);
        try (LogReader reader =
                new LogReader(
                        test.directory(), writtenIndex::get, () -> 0, SystemNanoClock.INSTANCE)) {
            assertEquals(List.of(), LogFixture.drain(reader));

            writtenIndex.set(101);

            assertEquals(2, LogFixture.drain(reader).size());
        }
    }

    /** What it cut off is still there, as is the segment's index. */
    @Test
    void endShouldBeThatOfATruncationThatWasStopped() {
        int segmentBytes = 256 << 10;
        SegmentBuilder segment =
                new SegmentBuilder(
                        SegmentBuilder.header(TestLog.LOG_ID, 1, 0, segmentBytes, 512, 0));
        SparseIndexBuilder points = new SparseIndexBuilder(segmentBytes);
        for (int i = 0; i < 20; i++) {
            points.add(segment.nextIndex(), 1_000 + i, segment.position());
            segment.batch(1_000 + i, segment.nextIndex() - 1, new byte[8_000]);
        }
        MemoryDirectory directory = new MemoryDirectory();
        String name = SegmentDescriptor.fileName(1);
        directory.put(name, segment.bytes());
        try (StoreFile file = directory.openForWriting(name)) {
            SegmentFile.writeIndex(file, segment.header(), points, 20, segment.position());
        }
        directory.put(SegmentDescriptor.fileName(8), TestLog.truncatedTo(4).bytes());
        try (LogReader reader = open(directory)) {
            assertEquals(3, reader.lastIndex());
            reader.seekToTime(Long.MAX_VALUE);
            assertEquals(4, reader.nextIndex());
        }
    }

    /** Its header tells no time, which is not to say that it is young. */
    @Test
    void seekToTimeShouldPassASegmentWithoutEntries() {
        TestLog test = new TestLog(0, 8).segment().batch(3).save(true);
        test.segment().save(false);
        test.segment().batch(1).batch(1).batch(1).close();
        long[] times = new long[6];
        try (LogReader reader = open(test.directory())) {
            reader.poll((buffer, offset, length, index, ns) -> times[(int) index] = ns, 6);
            for (int index = 3; index < 6; index++) {
                reader.seekToTime(times[index]);
                assertEquals(index, reader.nextIndex());
            }
        }
    }
}
