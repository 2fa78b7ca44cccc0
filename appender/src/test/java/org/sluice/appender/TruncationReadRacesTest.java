package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A truncation while somebody reads: told to who has read what is void, and damage to nobody. */
final class TruncationReadRacesTest extends ReadRacesFixture {
    private static void truncate(MemoryDirectory directory, long lastIndex) {
        Truncation.truncateAfter(directory, Recovery.recover(directory), lastIndex);
    }

    @Test
    void truncationAcrossSegmentsShouldBeToldToWhoReadTheFirstToItsEnd() {
        TestLog test = TestLog.threeSegments(8);
        try (LogReader reader = open(test.directory())) {
            assertEquals(6, reader.poll(toLines, 6));
            truncate(test.directory(), 3);

            assertToldOf(4, reader);
        }
    }

    @Test
    void truncationUnderWayShouldBeTold() {
        TestLog test = new TestLog(0, 8).segment().batch(3).batch(2).close();
        try (LogReader reader = open(test.directory())) {
            assertEquals(5, reader.poll(toLines, 5));
            truncations++;
            assertEquals(0, reader.poll(toLines, 1));
            truncate(test.directory(), 3);
            nowNs += SECOND_NS;

            assertToldOf(4, reader);
        }
    }

    @Test
    void entryReadBeforeATruncationShouldNotBeReadAfterItWasTold() {
        TestLog test = new TestLog(0, 8).segment().batch(6).close();
        try (LogReader reader = open(test.directory())) {
            assertEquals(6, reader.poll(toLines, 6));
            reader.read(5, toLines);
            truncate(test.directory(), 3);
            nowNs += SECOND_NS;
            assertToldOf(4, reader);

            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.read(5, toLines));
        }
    }

    /** Retention may take what said so before a reader comes to see it. */
    @Test
    void truncationWhoseSegmentIsGoneShouldBeTold() {
        TestLog test = new TestLog(0, 8).segment().batch(5).batch(5).flush();
        MemoryDirectory directory = test.directory();
        try (LogReader reader = open(directory)) {
            drain(reader);
            assertEquals(10, reader.nextIndex());
            directory.put(
                    SegmentDescriptor.fileName(9),
                    new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 9, 7))
                            .batch(1, 6, new byte[6][0])
                            .bytes());
            directory.remove(FIRST);
            nowNs += SECOND_NS;

            assertToldOf(7, reader);
            assertEquals(6, drain(reader).size());
        }
    }

    /** It is behind the end because somebody asked for that, not because the log was cut. */
    @Test
    void retentionBeforeAnEntryYetToComeShouldNotPassForATruncation() {
        TestLog test = new TestLog(0, 8).segment().batch(5).flush();
        try (LogReader reader = open(test.directory())) {
            reader.seek(20);
            assertEquals(List.of(), drain(reader));
            test.segment().batch(20).flush();
            test.directory().remove(FIRST);
            nowNs += SECOND_NS;

            assertEquals(withoutAborted(test.expected(25).subList(20, 25)), drain(reader));
        }
    }

    @Test
    void readShouldSeeATruncationThoughItCouldNotOnce() {
        TestLog test = new TestLog(0, 8).segment().batch(4).batch(4).flush();
        boolean[] isRefused = {false};
        try (LogReader reader = open(refusing(test.directory(), isRefused))) {
            assertEquals(4, reader.poll(toLines, 4));
            reader.read(5, toLines);
            test.directory().put(SegmentDescriptor.fileName(8), TestLog.truncatedTo(4).bytes());
            truncations++;
            isRefused[0] = true;
            thrown(Code.IO, () -> reader.read(5, toLines));

            thrown(Code.INDEX_NOT_WRITTEN, () -> reader.read(5, toLines));
        }
    }

    @Test
    void pollShouldTellOfATruncationThoughItCouldNotSeeItOnce() {
        TestLog test = new TestLog(0, 8).segment().batch(4).batch(4).flush();
        boolean[] isRefused = {false};
        try (LogReader reader = open(refusing(test.directory(), isRefused))) {
            assertEquals(4, reader.poll(toLines, 4));
            test.directory().put(SegmentDescriptor.fileName(8), TestLog.truncatedTo(0).bytes());
            truncations++;
            isRefused[0] = true;
            thrown(Code.IO, () -> reader.poll(toLines, 1));

            assertToldOf(0, reader);
        }
    }

    @Test
    void truncationShouldBeNoDamageToVerifyNorNeedRepair() {
        atEveryRead(
                at -> {
                    int reads = 0;
                    for (boolean isRepair : new boolean[] {false, true}) {
                        TestLog test = new TestLog(0, 4096);
                        test.segment().batch(3).batch(1).save(true);
                        test.segment().batch(2).batch(4).save(true);
                        test.segment().batch(1).batch(2).close();
                        AtomicInteger count = new AtomicInteger();
                        StoreDirectory directory =
                                before(
                                        test.directory(),
                                        count,
                                        at,
                                        () -> truncate(test.directory(), 2));
                        if (isRepair) {
                            assertNeedsNoRepair(directory, at);
                        } else {
                            assertSound(directory, at);
                        }
                        reads = Math.max(reads, count.get());
                    }
                    return reads >= at;
                });
    }

    private void assertToldOf(long newIndex, LogReader reader) {
        thrown(Code.INDEX_TRUNCATED, () -> reader.poll(toLines, 1));
        assertEquals(newIndex, reader.nextIndex());
    }
}
