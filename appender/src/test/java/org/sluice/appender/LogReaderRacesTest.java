package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What those who read in another process make of what the writer does meanwhile: the tests let it
 * happen before the first read of a file, before the second, and so on to the last.
 */
final class LogReaderRacesTest extends ReadRacesFixture {
    // ---- a roll ----

    /** Four entries in a segment, and another made ready. */
    private static TestLog beforeRoll() {
        TestLog test = new TestLog(0, 8).segment().batch(2).batch(2).save(false);
        test.directory().put(SECOND, new SegmentBuilder(prepared(2)).bytes());
        return test;
    }

    private static StoreDirectory rolling(TestLog test, AtomicInteger reads, int at) {
        Runnable roll = () -> test.segment().batch(1, 3).batch(1, 4).flush();
        return before(test.directory(), reads, at, roll);
    }

    @Test
    void rollShouldBeNoDamageToVerify() {
        atEveryRead(
                at -> {
                    TestLog test = beforeRoll();
                    AtomicInteger reads = new AtomicInteger();
                    StoreDirectory directory = rolling(test, reads, at);

                    assertSound(directory, at);
                    return reads.get() >= at;
                });
    }

    @Test
    void rollShouldNeedNoRepair() {
        atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    assertNeedsNoRepair(rolling(beforeRoll(), reads, at), at);
                    return reads.get() >= at;
                });
    }

    @Test
    void rollShouldBeNoDamageToPollNorToRead() {
        atEveryRead(
                at -> {
                    TestLog test = beforeRoll();
                    AtomicInteger reads = new AtomicInteger();
                    StoreDirectory directory = rolling(test, reads, at);
                    try (LogReader reader = open(directory)) {
                        lines.clear();
                        pollForAWhile(reader);
                        boolean isRolled = reads.get() >= at;
                        pollForAWhile(reader);
                        List<String> all = withoutAborted(test.expected(test.nextIndex()));
                        int count = isRolled ? 6 : lines.size();
                        assertEquals(all.subList(0, count), lines, "read " + at);
                        readIfThere(reader, 5);
                    }
                    return reads.get() >= at;
                });
    }

    private void pollForAWhile(LogReader reader) {
        for (int i = 0; i < 4; i++) {
            reader.poll(toLines, 100);
            nowNs += 10 * SECOND_NS;
        }
    }

    private void readIfThere(LogReader reader, long index) {
        try {
            reader.read(index, toLines);
        } catch (AppendException e) {
            assertEquals(Code.INDEX_NOT_WRITTEN, e.code(), e.getMessage());
        }
    }

    // ---- the first segment comes into use ----

    /** A log nothing was written to yet. */
    private static TestLog beforeFirst() {
        TestLog test = new TestLog(0, 8);
        test.directory().put(FIRST, new SegmentBuilder(prepared(1)).bytes());
        return test;
    }

    private static SegmentDescriptor.Header prepared(long number) {
        return SegmentBuilder.header(
                TestLog.LOG_ID, number, -1, SegmentDescriptor.SEGMENT_BYTES_MIN, 8, 0);
    }

    private static StoreDirectory beginning(TestLog test, AtomicInteger reads, int at) {
        Runnable begin = () -> test.segment().batch(1, -1).batch(1, 0).flush();
        return before(test.directory(), reads, at, begin);
    }

    @Test
    void beginningShouldBeNoDamageToVerify() {
        atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    StoreDirectory directory = beginning(beforeFirst(), reads, at);

                    assertSound(directory, at);
                    return reads.get() >= at;
                });
    }

    @Test
    void beginningShouldBeNoDamageToPoll() {
        atEveryRead(
                at -> {
                    TestLog test = beforeFirst();
                    AtomicInteger reads = new AtomicInteger();
                    try (LogReader reader = open(beginning(test, reads, at))) {
                        lines.clear();
                        pollForAWhile(reader);
                        boolean isBegun = reads.get() >= at;
                        pollForAWhile(reader);
                        assertEquals(
                                test.expected(isBegun ? 2 : lines.size()), lines, "read " + at);
                    }
                    return reads.get() >= at;
                });
    }

    // ---- retention ----

    /** As the keeper does it: the name goes first. */
    private static void recycle(MemoryDirectory directory, String name) {
        directory.rename(name, SegmentDescriptor.fileName(9));
        directory.overwrite(SegmentDescriptor.fileName(9), new SegmentBuilder(prepared(9)).bytes());
    }

    @Test
    void recyclingShouldBeNoDamageToVerify() {
        atEveryRead(
                at -> {
                    TestLog test = TestLog.threeSegments(8);
                    AtomicInteger reads = new AtomicInteger();
                    Runnable event = () -> recycle(test.directory(), FIRST);

                    assertSound(before(test.directory(), reads, at, event), at);
                    return reads.get() >= at;
                });
    }

    @Test
    void recyclingShouldBeNoDamageToPoll() {
        atEveryRead(
                at -> {
                    TestLog test = TestLog.threeSegments(8);
                    AtomicInteger reads = new AtomicInteger();
                    Runnable event = () -> recycle(test.directory(), FIRST);
                    try (LogReader reader = open(before(test.directory(), reads, at, event))) {
                        lines.clear();
                        do {
                            pollUnlessTruncated(reader);
                            nowNs += SECOND_NS;
                        } while (reader.nextIndex() < test.nextIndex());
                        List<String> all = withoutAborted(test.expected(test.nextIndex()));
                        assertEquals(all.subList(all.size() - lines.size(), all.size()), lines);
                    }
                    return reads.get() >= at;
                });
    }

    private void pollUnlessTruncated(LogReader reader) {
        try {
            reader.poll(toLines, 100);
        } catch (AppendException e) {
            assertEquals(Code.INDEX_TRUNCATED, e.code(), e.getMessage());
        }
    }

    /**
     * The reader does not know the segment yet, so that it has looked again when it comes there.
     */
    @Test
    void recyclingShouldBeToldAsSuchByRead() {
        atEveryRead(
                at -> {
                    TestLog test = new TestLog(0, 8).segment().batch(3).batch(3).flush();
                    AtomicInteger reads = new AtomicInteger(-1_000);
                    Runnable event =
                            () -> {
                                test.directory().remove(FIRST);
                                recycle(test.directory(), SECOND);
                            };
                    try (LogReader reader = open(before(test.directory(), reads, at, event))) {
                        reader.read(1, toLines);
                        test.seal().segment().batch(2).batch(4).save(true);
                        test.segment().batch(1).batch(2).batch(1).close();
                        reads.set(0);
                        lines.clear();
                        reader.read(8, toLines);
                        assertEquals(test.expected(9).subList(8, 9), lines);
                    } catch (AppendException e) {
                        assertEquals(Code.INDEX_TRUNCATED, e.code(), at + ": " + e.getMessage());
                    }
                    return reads.get() >= at;
                });
    }

    // ---- an entry being written ----

    /** Three entries, and room for more. */
    private static TestLog beforeWrite() {
        return new TestLog(0, 8).segment().batch(2).batch(1).flush();
    }

    private static StoreDirectory writing(TestLog test, AtomicInteger reads, int at) {
        return before(test.directory(), reads, at, () -> test.batch(2, 2).flush());
    }

    @Test
    void entryBeingWrittenShouldBeNoDamage() {
        atEveryRead(
                at -> {
                    TestLog test = beforeWrite();
                    AtomicInteger reads = new AtomicInteger();
                    StoreDirectory directory = writing(test, reads, at);
                    try (LogReader reader = open(directory)) {
                        lines.clear();
                        readIfThere(reader, 3);
                        assertTrue(
                                lines.isEmpty() || lines.equals(test.expected(4).subList(3, 4)),
                                "read " + at + ": " + lines);
                    }
                    return reads.get() >= at;
                });
    }

    @Test
    void entryBeingWrittenShouldNeedNoRepair() {
        atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    assertNeedsNoRepair(writing(beforeWrite(), reads, at), at);
                    return reads.get() >= at;
                });
    }

    // ---- files that are gone, or can't be opened ----

    @Test
    void fileThatCannotBeOpenedOnceShouldBeReadLater() {
        TestLog test = TestLog.threeSegments(8);
        boolean[] isRefused = {false};
        try (LogReader reader = open(refusing(test.directory(), isRefused))) {
            isRefused[0] = true;
            thrown(Code.IO, () -> reader.poll(toLines, 1));

            assertEquals(withoutAborted(test.expected(test.nextIndex())), drain(reader));
        }
    }

    @Test
    void fileGoneAtAnyReadShouldBeToldAtMost() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory damaged = test.flipped(SECOND, test.batches().get(4).position() + 30, 1);
        atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    StoreDirectory directory =
                            before(
                                    damaged.copy(),
                                    reads,
                                    at,
                                    () -> {
                                        throw Errno.exception(
                                                Errno.ENOENT, "open", Path.of("file"));
                                    });
                    for (int i = 0; i < 3; i++) {
                        try (LogReader reader = open(directory)) {
                            drain(reader);
                        } catch (AppendException e) {
                            // That is how it is to be told.
                        }
                    }
                    return reads.get() >= at;
                });
    }
}
