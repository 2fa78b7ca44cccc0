package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A segment is sealed once the one behind it was begun. Where that is gone, the log is not whole.
 */
final class MissingSegmentTest extends RecoveryFixture {
    private static TestLog allSealed() {
        TestLog log = new TestLog(0, 8);
        log.segment().batch(3).batch(1).save(true);
        log.segment().batch(2).batch(4).save(true);
        return log.segment().batch(1).batch(2).close();
    }

    private static void assertMissed(MemoryDirectory directory) {
        AppendException thrown = corrupt(directory, "the last segment is missing");
        assertEquals(10, thrown.index());
        assertTrue(thrown.getMessage().contains(SECOND), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("from 10 on are lost"), thrown.getMessage());

        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);

        assertEquals(1, result.damages().size());
        assertEquals(10, result.nextIndex());
    }

    @Test
    void deletedLastSegmentShouldBeMissed() {
        MemoryDirectory directory = allSealed().directory();
        directory.delete(THIRD);

        assertMissed(directory);
    }

    @Test
    void emptiedLastSegmentShouldBeMissed() {
        assertMissed(allSealed().cut(THIRD, 0));
    }

    @Test
    void repairShouldMakeTheRestALogAgain() {
        TestLog test = allSealed();
        MemoryDirectory directory = test.cut(THIRD, 0);

        LogRepair.Plan plan = LogRepair.execute(directory);

        assertEquals("entries from 10 on are lost", plan.lostEntries());
        assertTrue(LogVerifier.verify(directory, VerifyProgress.NONE).isSound());
        assertEquals(test.expected(10), ReadLog.of(directory, Recovery.recover(directory)));
    }

    @Test
    void repairThatSetsTheLastSegmentAsideShouldNotLeaveItMissing() {
        TestLog test = allSealed();
        MemoryDirectory directory = test.flipped(THIRD, 100, 1);

        LogRepair.Plan plan = LogRepair.execute(directory);

        assertEquals(1, plan.damages().size());
        assertTrue(LogVerifier.verify(directory, VerifyProgress.NONE).isSound());
        assertEquals(test.expected(10), ReadLog.of(directory, Recovery.recover(directory)));
    }

    /** A segment that is sealed, and one that is only prepared. */
    private static TestLog withPreparedLast() {
        TestLog test = new TestLog(0, 8);
        test.segment().batch(3).batch(1).save(true);
        SegmentDescriptor.Header header =
                SegmentBuilder.header(
                        TestLog.LOG_ID, 2, -1, SegmentDescriptor.SEGMENT_BYTES_MIN, 8, 0);
        test.directory().put(SECOND, new SegmentBuilder(header).bytes());
        return test;
    }

    /** As a power cut leaves it under a policy of NEVER: the header that said more is gone. */
    @Test
    void preparedLastSegmentShouldBeTheEndHoweverOftenRecoveryIsStopped() {
        TestLog test = withPreparedLast();
        int changes =
                PowerCuts.atEveryChange(
                        test.directory(),
                        11,
                        directory -> assertEquals(4, recover(directory).nextIndex()),
                        (left, what) -> assertEquals(4, recover(left).nextIndex(), what));
        assertTrue(changes > 2, "recovery changed nothing");
    }

    @Test
    void segmentSealedSinceTheListingShouldBeNoDamage() {
        ReadRacesFixture.atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    TestLog test = new TestLog(0, 8).segment().batch(2).batch(2).flush();
                    Runnable roll =
                            () -> {
                                test.seal();
                                test.segment().batch(1).flush();
                            };
                    ReadRacesFixture.assertSound(
                            ReadRacesFixture.before(test.directory(), reads, at, roll), at);
                    return reads.get() >= at;
                });
    }

    /** Opening deletes the one made ready, as nothing was begun in it. */
    @Test
    void logOpenedSinceTheListingShouldBeNoDamage() {
        ReadRacesFixture.atEveryRead(
                at -> {
                    AtomicInteger reads = new AtomicInteger();
                    TestLog test = withPreparedLast();
                    Runnable open = () -> recover(test.directory());
                    ReadRacesFixture.assertSound(
                            ReadRacesFixture.before(test.directory(), reads, at, open), at);
                    return reads.get() >= at;
                });
    }
}
