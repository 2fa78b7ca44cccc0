package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.DirectoryLock;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Signatures;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class LogRepairTest {
    private static final String FIRST = SegmentDescriptor.fileName(1);
    private static final String SECOND = SegmentDescriptor.fileName(2);
    private static final String THIRD = SegmentDescriptor.fileName(3);

    private static List<String> recoveredLines(MemoryDirectory directory) {
        return ReadLog.of(directory, Recovery.recover(directory));
    }

    /** Plans, executes, and checks that plan and deed agree and that no byte is gone. */
    private static LogRepair.Plan repair(MemoryDirectory directory) {
        MemoryDirectory before = directory.copy();
        LogRepair.Plan plan = LogRepair.plan(directory.copy().readOnly());

        assertEquals(plan, LogRepair.execute(directory));

        for (String name : before.list()) {
            String damaged = "damaged-" + name;
            String kept = directory.list().contains(damaged) ? damaged : name;
            assertArrayEquals(before.bytes(name), directory.bytes(kept), name);
        }
        assertFalse(LogRepair.plan(directory.copy().readOnly()).isNeeded());
        return plan;
    }

    @Test
    void planShouldTellHowFarItHasRead() {
        MemoryDirectory directory = TestLog.threeSegments(8).directory();
        List<Long> left = new ArrayList<>();

        LogRepair.plan(directory.readOnly(), (done, total) -> left.add(total - done));

        assertEquals(0, left.getLast());
    }

    @Test
    void soundLogShouldNeedNoRepair() {
        MemoryDirectory directory = TestLog.threeSegments(8).directory();

        LogRepair.Plan plan = LogRepair.execute(directory.readOnly());

        assertFalse(plan.isNeeded());
        assertEquals("no entry is lost", plan.lostEntries());
    }

    @Test
    void everyDamagedBatchShouldLeaveTheLogUpToIt() {
        TestLog test = TestLog.threeSegments(8);
        for (int i = 0; i < test.batches().size(); i++) {
            TestLog.Batch batch = test.batches().get(i);
            if (batch.segment() > 1 && !test.isClaimedLater(i)) {
                continue;
            }
            MemoryDirectory directory =
                    test.flipped(
                            SegmentDescriptor.fileName(batch.segment()), batch.position() + 30, 1);

            LogRepair.Plan plan = repair(directory);

            assertEquals(test.expected(batch.baseIndex()), recoveredLines(directory));
            assertEquals(batch.baseIndex(), plan.nextIndex());
            assertEquals(LogDamage.lost(batch.baseIndex(), 15), plan.lostEntries());
        }
    }

    @Test
    void everyDamagedHeaderShouldLeaveTheLogUpToItOrFromIt() {
        TestLog test = TestLog.threeSegments(8);

        MemoryDirectory first = test.flipped(FIRST, 100, 1);
        LogRepair.Plan firstPlan = repair(first);
        MemoryDirectory second = test.flipped(SECOND, 100, 1);
        LogRepair.Plan secondPlan = repair(second);
        MemoryDirectory third = test.flipped(THIRD, 100, 1);
        LogRepair.Plan thirdPlan = repair(third);

        assertEquals("entries up to 5 are lost", firstPlan.lostEntries());
        assertEquals(test.expected(16).subList(6, 16), recoveredLines(first));
        assertEquals(6, firstPlan.firstIndex());
        assertEquals("entries 6 to 15 are lost", secondPlan.lostEntries());
        assertEquals(test.expected(6), recoveredLines(second));
        assertEquals(test.expected(12), recoveredLines(third));
        assertEquals("entries 12 to 15 are lost", thirdPlan.lostEntries());
    }

    private static MemoryDirectory flippedTwice(TestLog test, String name, int at, int batch) {
        MemoryDirectory directory = test.flipped(name, at, 1);
        TestLog.Batch second = test.batches().get(batch);
        String secondName = SegmentDescriptor.fileName(second.segment());
        byte[] bytes = directory.bytes(secondName);
        bytes[second.position() + 30] ^= 1;
        directory.put(secondName, bytes);
        return directory;
    }

    @Test
    void lossBeforeAndBehindWhatIsKeptShouldBeTold() {
        TestLog test = TestLog.threeSegments(8);
        int damaged = 6;
        long base = test.batches().get(damaged).baseIndex();
        assertEquals(13, base);
        MemoryDirectory directory = flippedTwice(test, FIRST, 100, damaged);

        LogRepair.Plan plan = repair(directory);

        assertEquals("entries up to 5 and entries 13 to 15 are lost", plan.lostEntries());
        assertEquals(-1, plan.firstLostIndex());
        assertEquals(15, plan.lastLostIndex());
        assertEquals(6, plan.firstIndex());
        assertEquals(13, plan.nextIndex());
    }

    @Test
    void lossOfTheLastSegmentShouldBeToldWhateverIsDamagedBefore() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = flippedTwice(test, THIRD, 100, 1);

        LogRepair.Plan plan = repair(directory);

        assertEquals("entries 3 to 15 are lost", plan.lostEntries());
        assertEquals(test.expected(3), recoveredLines(directory));
    }

    @Test
    void indexOfTheFirstEntryShouldStayWhenNothingElseIsLeft() {
        TestLog test = new TestLog(5_000, 8).segment().batch(1, 4_999).batch(1, 5_000).save(false);
        MemoryDirectory directory = test.flipped(FIRST, test.batches().get(0).position() + 9, 1);

        repair(directory);

        assertEquals(5_000, Recovery.recover(directory).nextIndex());
    }

    @Test
    void foreignSegmentBetweenOthersShouldBeSetAsideAlone() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        directory.put(SegmentDescriptor.fileName(4), directory.bytes(THIRD));

        LogRepair.Plan plan = repair(directory);

        assertEquals(1, plan.steps().size());
        assertEquals(test.expected(16), recoveredLines(directory));
    }

    @Test
    void falseIndexShouldBeBuiltAnew() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        byte[] bytes = directory.bytes(FIRST);
        int index = bytes.length - 4096;
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(index + 48, 4104, ByteOrder.LITTLE_ENDIAN);
        Signatures.signIndex(buffer, index);
        directory.put(FIRST, bytes);

        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);
        LogRepair.Plan plan = repair(directory);

        assertEquals(1, result.damages().size());
        assertTrue(result.damages().get(0).losesNothing());
        assertEquals("no entry is lost", plan.lostEntries());
        assertEquals(test.expected(16), recoveredLines(directory));
        assertTrue(LogVerifier.verify(directory, VerifyProgress.NONE).isSound());
    }

    @Test
    void secondRepairShouldNotOverwriteWhatTheFirstKept() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.flipped(SECOND, test.batches().get(4).position(), 1);
        repair(directory);
        byte[] firstCopy = directory.bytes("damaged-" + SECOND);
        Recovery.recover(directory);
        byte[] bytes = directory.bytes(FIRST);
        bytes[test.batches().get(1).position()] ^= 1;
        directory.put(FIRST, bytes);

        LogRepair.execute(directory);

        assertArrayEquals(firstCopy, directory.bytes("damaged-" + SECOND));
        assertTrue(directory.list().contains("damaged-" + SECOND + ".2"));
        assertEquals(test.expected(3), recoveredLines(directory));
    }

    @Test
    void repairStoppedAnywhereShouldBeDoneAgain() {
        TestLog test = TestLog.threeSegments(8);

        stopAnywhere(test.flipped(FIRST, test.batches().get(1).position() + 50, 1));
        stopAnywhere(test.flipped(SECOND, test.batches().get(3).position() + 50, 1));
        stopAnywhere(test.flipped(SECOND, 100, 1));
    }

    @Test
    void repairStoppedBesideProofInAnySegmentShouldBeDoneAgain() {
        for (int proof = 2; proof <= 4; proof++) {
            TestLog test = new TestLog(0, 8);
            test.segment().batch(2, -1).batch(3, -1).save(false);
            for (int later = 2; later <= 4; later++) {
                test.segment().batch(2, later == proof ? 4 : -1).save(false);
            }

            stopAnywhere(test.flipped(FIRST, test.batches().get(1).position() + 50, 1));
            MemoryDirectory withoutBatches = test.flipped(SECOND, 100, 1);
            byte[] bytes = withoutBatches.bytes(SECOND);
            bytes[SegmentDescriptor.HEADER_BYTES + 50] ^= 1;
            withoutBatches.put(SECOND, bytes);
            stopAnywhere(withoutBatches);
        }
    }

    /**
     * Stops the repair before each of its changes, cuts the power, and lets the log be opened, or
     * the repair be done again: no file may be gone, and the end is the same.
     */
    private static void stopAnywhere(MemoryDirectory start) {
        MemoryDirectory whole = start.copy();
        LogRepair.execute(whole);
        List<String> expected = recoveredLines(whole);
        PowerCuts.atEveryChange(
                start,
                2_718_281,
                LogRepair::execute,
                (left, what) -> {
                    MemoryDirectory opened = left.copy();
                    openOrBeRefused(opened);
                    assertNothingIsGone(start, opened, what);
                    LogRepair.execute(left);
                    assertEquals(expected, recoveredLines(left), what);
                    assertNothingIsGone(start, left, what);
                });
    }

    private static void openOrBeRefused(MemoryDirectory directory) {
        try {
            Recovery.recover(directory);
        } catch (AppendException e) {
            assertEquals(Code.CORRUPT, e.code());
        }
    }

    private static void assertNothingIsGone(
            MemoryDirectory before, MemoryDirectory after, String what) {
        List<String> names = after.list();
        for (String name : before.list()) {
            boolean isKept = names.contains(name) || names.contains("damaged-" + name);
            assertTrue(isKept, what + ": " + name + " is not in " + names);
        }
    }

    @Test
    void restOfASupersededLogShouldBeRepairable() {
        TestLog test = TestLog.threeSegments(8);
        MemoryDirectory directory = test.directory();
        SegmentBuilder after = TestLog.truncatedTo(4);
        directory.put(SegmentDescriptor.fileName(8), after.bytes());
        byte[] bytes = directory.bytes(FIRST);
        bytes[test.batches().get(0).position() + 48] ^= 1;
        directory.put(FIRST, bytes);

        LogRepair.execute(directory);

        assertEquals(List.of(), recoveredLines(directory));
    }

    @Test
    void openLogShouldNotBeRepaired(@TempDir Path directory) throws IOException {
        TestLog test = TestLog.threeSegments(8);
        for (String name : test.directory().list()) {
            Files.write(directory.resolve(name), test.directory().bytes(name));
        }
        DirectoryLock lock = DirectoryLock.acquire(directory, StorePermissions.DEFAULT);
        try {
            AppendException thrown =
                    assertThrows(AppendException.class, () -> LogRepair.execute(directory));

            assertEquals(Code.LOCKED, thrown.code());
            assertFalse(LogRepair.plan(directory).isNeeded());
        } finally {
            lock.close();
        }
        assertFalse(LogRepair.execute(directory).isNeeded());
    }
}
