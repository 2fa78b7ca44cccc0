package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;

import java.util.ArrayList;
import java.util.List;

final class LogVerifierTest {
    private static final String FIRST = SegmentDescriptor.fileName(1);

    private static LogVerifier.Result verify(MemoryDirectory directory) {
        return LogVerifier.verify(directory.copy().readOnly(), VerifyProgress.NONE);
    }

    private static LogInfo info(MemoryDirectory directory) {
        return LogInfo.of(directory.copy().readOnly());
    }

    @AfterAll
    static void tellDamage() {
        TestLog.tellDamage("LogVerifierTest");
    }

    /** They take more memory than all else, and only who opens the log has a use for them. */
    @Test
    void pointsOfSegmentsShouldNotPileUp() {
        LogAnalysis analysis =
                LogAnalyzer.analyze(
                        TestLog.threeSegments(8).directory(),
                        AnalysisMode.VERIFY,
                        VerifyProgress.NONE);

        assertEquals(3, analysis.live.size());
        assertTrue(analysis.live.stream().allMatch(segment -> segment.points() == null));
    }

    @Test
    void soundLogShouldBeCountedWhole() {
        TestLog test = TestLog.threeSegments(512);

        LogVerifier.Result result = verify(test.directory());
        LogInfo info = info(test.directory());

        assertTrue(result.isSound());
        assertEquals(3, result.segments());
        assertEquals(test.batches().size(), result.batches());
        assertEquals(test.nextIndex(), result.entries());
        assertEquals(2, result.aborted());
        assertEquals(
                test.batches().stream().mapToLong(TestLog.Batch::length).sum(),
                result.batchBytes());
        assertEquals(0, result.firstIndex());
        assertEquals(test.nextIndex(), result.nextIndex());
        assertEquals(1_000, result.firstTimeNs());
        assertEquals(test.nextIndex() - 1, result.provenDurableIndex());
        assertTrue(result.isClosed());
        assertEquals(0, result.tornTailBytes());
        assertEquals(1, info.sealedSegments());
        assertEquals(result.segments(), info.segments());
        assertEquals(result.firstTimeNs(), info.firstTimeNs());
        assertEquals(result.lastTimeNs(), info.lastTimeNs());
        assertEquals(result.nextIndex(), info.nextIndex());
        assertEquals(TestLog.LOG_ID, info.logId());
        assertTrue(info.isClosed());
    }

    @Test
    void emptyLogShouldBeSound() {
        LogVerifier.Result result = verify(new MemoryDirectory());
        LogInfo info = info(new MemoryDirectory());

        assertTrue(result.isSound());
        assertEquals(0, result.nextIndex());
        assertEquals(0, info.segments());
        assertFalse(info.isClosed());
    }

    @Test
    void everyFlippedByteOfABatchShouldBeNamed() {
        TestLog test = TestLog.threeSegments(512);
        for (int i = 0; i < test.batches().size(); i++) {
            TestLog.Batch batch = test.batches().get(i);
            String name = SegmentDescriptor.fileName(batch.segment());
            for (int at = batch.position(); at < batch.end(); at++) {
                LogVerifier.Result result = verify(test.flipped(name, at, 1 << (at & 7)));
                String what = name + " flipped at " + at;
                if (batch.segment() > 1 && !test.isClaimedLater(i)) {
                    assertTrue(result.isSound(), what);
                    assertEquals(batch.baseIndex(), result.nextIndex(), what);
                    continue;
                }
                assertEquals(1, result.damages().size(), what);
                LogDamage damage = result.damages().get(0);
                assertEquals(name, damage.file().getFileName().toString(), what);
                assertEquals(batch.position(), damage.position(), what);
                assertEquals(batch.baseIndex(), damage.firstIndex(), what);
                assertEquals(batch.baseIndex() + batch.count() - 1, damage.lastIndex(), what);
                assertEquals(test.nextIndex() - batch.count(), result.entries(), what);
                assertEquals(test.nextIndex(), result.nextIndex(), what);
            }
        }
    }

    @Test
    void severalDamagesShouldAllBeNamed() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        List<Long> lost = new ArrayList<>();
        for (int i : new int[] {0, 2, 3, 5}) {
            TestLog.Batch batch = test.batches().get(i);
            String name = SegmentDescriptor.fileName(batch.segment());
            byte[] bytes = directory.bytes(name);
            bytes[batch.position() + 50] ^= 4;
            directory.put(name, bytes);
            lost.add(batch.baseIndex());
        }

        LogVerifier.Result result = verify(directory);

        assertEquals(lost, result.damages().stream().map(LogDamage::firstIndex).toList());
    }

    @Test
    void everyFlippedByteElsewhereShouldBeHarmlessOrNamed() {
        TestLog test = TestLog.threeSegments(512);
        for (String name : test.directory().list()) {
            for (int at = 0; at < SegmentDescriptor.HEADER_SECTOR_BYTES; at++) {
                LogVerifier.Result result = verify(test.flipped(name, at, 2));

                assertEquals(1, result.damages().size(), name + " flipped at " + at);
                LogDamage damage = result.damages().get(0);
                assertEquals(name, damage.file().getFileName().toString());
                assertEquals(0, damage.position());
                assertEquals(1, info(test.flipped(name, at, 2)).damages().size());
            }
        }
        int index = test.directory().bytes(FIRST).length - 4096;
        for (int at = index; at < index + IndexDescriptor.HEADER_BYTES + 24; at++) {
            LogVerifier.Result result = verify(test.flipped(FIRST, at, 2));

            assertTrue(result.isSound(), "index flipped at " + at);
            assertEquals(test.nextIndex(), result.entries());
        }
    }

    @Test
    void tornTailShouldBeMeasuredNotReported() {
        TestLog test = new TestLog(0, 8).segment().batch(1).batch(2, 0).batch(3, 0).save(false);
        TestLog.Batch torn = test.batches().get(1);

        LogVerifier.Result result = verify(test.flipped(FIRST, torn.position() + 48, 1));

        assertTrue(result.isSound());
        assertEquals(1, result.nextIndex());
        assertEquals(test.batches().get(2).length(), result.tornTailBytes());
    }

    @Test
    void progressShouldReachTheEnd() {
        TestLog test = TestLog.threeSegments(8);
        List<Long> seen = new ArrayList<>();

        LogVerifier.verify(
                test.directory(),
                (bytesDone, bytesTotal) -> {
                    assertTrue(bytesDone <= bytesTotal);
                    seen.add(bytesTotal - bytesDone);
                });

        assertEquals(0, seen.getLast());
    }

    @Test
    void damageShouldReadAsASentence() {
        TestLog test = TestLog.threeSegments(8);
        TestLog.Batch batch = test.batches().get(4);
        String name = SegmentDescriptor.fileName(2);

        LogDamage damage = verify(test.flipped(name, batch.position(), 1)).damages().get(0);

        assertEquals(
                "memory/0000000000000002.seg is damaged at position "
                        + batch.position()
                        + ": no intact batch continues the log there, but a batch at position 4160 of "
                        + "0000000000000003.seg was written when entries up to 11 were durable; "
                        + "entries 8 to 11 are lost",
                damage.sentence());
    }
}
