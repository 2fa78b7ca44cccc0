package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A page that can't be read is damage like any other: named, kept, and in nobody's way. */
final class UnreadablePlaceTest extends LogReaderFixture {
    private static final String FIRST = SegmentDescriptor.fileName(1);
    private static final String SECOND = SegmentDescriptor.fileName(2);

    /** The page that is bad, within the first segment's batches. */
    private static final int BAD = 2 * UnreadableDirectory.PAGE_BYTES;

    private static final int HOLE_BYTES = 400;

    /** Many times a segment of a megabyte, but few times what each hole would cost by itself. */
    private static final long LIMIT_BYTES = 64 << 20;

    /** One segment, closed in order unless it is cut, of 30 batches of 512 bytes with an entry. */
    private static TestLog log() {
        TestLog test = new TestLog(0, 512).segment();
        for (int i = 0; i < 30; i++) {
            test.batch(1);
        }
        return test;
    }

    /** The first batch in the bad page: eight are in each page. */
    private static TestLog.Batch lost(TestLog test) {
        return test.batches().stream().filter(batch -> batch.end() > BAD).findFirst().orElseThrow();
    }

    private static UnreadableDirectory bad(TestLog test, UnreadableDirectory.Answer answer) {
        return new UnreadableDirectory(test.directory(), FIRST, BAD, answer);
    }

    @ParameterizedTest
    @EnumSource
    void pollShouldDeliverAllBeforeIt(UnreadableDirectory.Answer answer) {
        TestLog test = log().close();
        TestLog.Batch lost = lost(test);
        try (LogReader reader = open(bad(test, answer))) {
            AppendException thrown = thrown(Code.CORRUPT, () -> drain(reader));

            assertEquals(withoutAborted(test.expected(lost.baseIndex())), lines);
            assertNames(thrown, lost);

            lines.clear();
            reader.seek(lost.baseIndex() + 8);
            drain(reader);
            assertEquals(
                    withoutAborted(test.expected(30).subList((int) lost.baseIndex() + 8, 30)),
                    lines);
            lines.clear();
            reader.read(0, toLines);
            assertEquals(test.expected(1), lines);
            thrown(Code.CORRUPT, () -> reader.read(lost.baseIndex(), toLines));
        }
    }

    /**
     * To call the entry "not written yet" would be a lie: found by the simulation's seed 1139290.
     */
    @ParameterizedTest
    @EnumSource
    void entryBehindAHeaderThatCannotBeReadShouldNotBeCalledUnwritten(
            UnreadableDirectory.Answer answer) {
        UnreadableDirectory bad =
                new UnreadableDirectory(log().close().directory(), FIRST, 0, answer);
        try (LogReader reader = open(bad)) {
            AppendException thrown = thrown(Code.IO, () -> reader.read(3, toLines));

            assertEquals(3, thrown.index());
            assertTrue(
                    thrown.getMessage().contains("its header can't be read"), thrown::getMessage);
        }
    }

    /** What could not be read once may be read by now. */
    @Test
    void firstHeaderThatCouldNotBeReadOnceShouldNotStopPoll() {
        TestLog test = TestLog.threeSegments(8);
        try (LogReader reader = open(refusingHeader(test.directory(), 1))) {
            assertEquals(withoutAborted(test.expected(test.nextIndex())), drain(reader));
        }
    }

    @Test
    void firstHeaderThatCouldNotBeReadForAWhileShouldNotStopSeek() {
        TestLog test = TestLog.threeSegments(8);
        try (LogReader reader = open(refusingHeader(test.directory(), 2))) {
            reader.seek(2);

            assertEquals(
                    withoutAborted(test.expected(test.nextIndex()).subList(2, 16)), drain(reader));
        }
    }

    /** Does not read the header of the first segment so many times. */
    private static StoreDirectory refusingHeader(MemoryDirectory directory, int times) {
        String[] opened = {""};
        int[] left = {times};
        return WatchedDirectory.of(
                directory,
                name -> opened[0] = name,
                position -> {
                    if (position == 0 && opened[0].equals(FIRST) && left[0] > 0) {
                        left[0]--;
                        throw Errno.exception(Errno.EIO, "read", directory.path().resolve(FIRST));
                    }
                });
    }

    private static void assertNames(AppendException thrown, TestLog.Batch lost) {
        String message = thrown.getMessage();
        long last = lost.baseIndex() + 7;
        assertEquals(lost.baseIndex(), thrown.index());
        assertEquals(Errno.EIO, thrown.errno());
        assertTrue(message.contains(FIRST + " is damaged at position " + BAD + ":"), message);
        assertTrue(message.contains("can't be read"), message);
        assertTrue(
                message.contains("entries " + lost.baseIndex() + " to " + last + " are lost"),
                message);
    }

    @ParameterizedTest
    @EnumSource
    void openShouldRefuseAndChangeNothing(UnreadableDirectory.Answer answer) {
        TestLog test = log().close();
        test.directory().readOnly();

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(bad(test, answer)));

        assertEquals(Code.CORRUPT, thrown.code(), thrown.getMessage());
        assertNames(thrown, lost(test));
    }

    /** Nothing behind it proves that it was acknowledged, but nothing proves the contrary. */
    @ParameterizedTest
    @EnumSource
    void openShouldNotTakeItForTheEnd(UnreadableDirectory.Answer answer) {
        TestLog test = log().save(false);
        byte[] bytes = test.directory().bytes(FIRST);
        Arrays.fill(bytes, BAD, bytes.length, (byte) 0);
        test.directory().put(FIRST, bytes);
        test.directory().readOnly();

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(bad(test, answer)));

        assertEquals(Code.IO, thrown.code(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("position " + BAD + ":"), thrown.getMessage());
        assertEquals(lost(test).baseIndex(), thrown.index());
    }

    /** That nothing is known of it does not mean that nothing is lost. */
    @ParameterizedTest
    @EnumSource
    void unreadableBeginningShouldNotBeCalledNoLoss(UnreadableDirectory.Answer answer) {
        TestLog test = log().save(false);
        byte[] bytes = test.directory().bytes(FIRST);
        Arrays.fill(bytes, SegmentDescriptor.HEADER_BYTES, bytes.length, (byte) 0);
        test.directory().put(FIRST, bytes);
        UnreadableDirectory bad =
                new UnreadableDirectory(
                        test.directory(), FIRST, SegmentDescriptor.HEADER_BYTES, answer);

        AppendException thrown = assertThrows(AppendException.class, () -> Recovery.recover(bad));

        assertEquals(Code.IO, thrown.code(), thrown.getMessage());
        assertTrue(
                thrown.getMessage().contains("entries from 0 on, if there were any, are lost"),
                thrown.getMessage());
        LogVerifier.Result result = LogVerifier.verify(bad, VerifyProgress.NONE);
        assertFalse(result.damages().getFirst().losesNothing());
    }

    @ParameterizedTest
    @EnumSource
    void verifyShouldNameItAndGoOn(UnreadableDirectory.Answer answer) {
        TestLog test = log().save(true).segment().batch(2).close();

        LogVerifier.Result result = LogVerifier.verify(bad(test, answer), VerifyProgress.NONE);

        assertEquals(1, result.damages().size(), () -> result.damages().toString());
        LogDamage damage = result.damages().getFirst();
        assertTrue(damage.isUnreadable());
        assertEquals(BAD, damage.position());
        assertEquals(lost(test).baseIndex(), damage.firstIndex());
        assertEquals(lost(test).baseIndex() + 7, damage.lastIndex());
        assertEquals(32 - 8, result.entries());
        assertEquals(32, result.nextIndex());
        assertEquals(2, LogInfo.of(bad(test, answer)).segments());
    }

    @ParameterizedTest
    @EnumSource
    void repairShouldCopyWhatCanBeRead(UnreadableDirectory.Answer answer) {
        TestLog test = log().close();
        byte[] expected = test.directory().bytes(FIRST);
        Arrays.fill(expected, BAD, BAD + UnreadableDirectory.PAGE_BYTES, (byte) 0);
        TestLog.Batch lost = lost(test);

        LogRepair.Plan plan = LogRepair.plan(bad(test, answer));
        LogRepair.Plan done = LogRepair.execute(bad(test, answer));

        assertEquals("entries " + lost.baseIndex() + " to 29 are lost", plan.lostEntries());
        assertEquals(plan.steps().size(), done.steps().size());
        assertEquals(UnreadableDirectory.PAGE_BYTES, done.steps().getFirst().unreadableBytes());
        String sentence = done.steps().getFirst().sentence();
        assertTrue(sentence.contains("zeros for 4096 bytes"), sentence);
        assertArrayEquals(expected, test.directory().bytes("damaged-" + FIRST));
        MemoryDirectory left = test.directory();
        RecoveredLog log = Recovery.recover(left);
        assertEquals(lost.baseIndex(), log.nextIndex());
        assertEquals(test.expected(lost.baseIndex()), ReadLog.of(left, log));
    }

    /** A repair that was stopped behind the copy knows it again. */
    @Test
    void repairShouldNotCopyTwice() {
        TestLog test = log().close();
        UnreadableDirectory directory = bad(test, UnreadableDirectory.Answer.PART);
        RepairFiles files = new RepairFiles(directory);

        long unreadableBytes = files.copy(FIRST);

        assertEquals(UnreadableDirectory.PAGE_BYTES, unreadableBytes);
        assertEquals(unreadableBytes, files.copy(FIRST));
        assertEquals(List.of(FIRST, "damaged-" + FIRST), test.directory().list());
    }

    /** It may say that what looks damaged is void: found by the simulation's seed 1011029. */
    @ParameterizedTest
    @EnumSource
    void headerShouldBeNamedBeforeWhatLooksDamagedElsewhere(UnreadableDirectory.Answer answer) {
        TestLog test = log().save(true).segment().batch(2).close();
        try (StoreFile file = test.directory().openForWriting(FIRST)) {
            file.write(ByteBuffer.allocate(UnreadableDirectory.PAGE_BYTES), BAD);
        }
        UnreadableDirectory directory =
                new UnreadableDirectory(test.directory(), SECOND, 0, answer);

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(directory));

        assertEquals(Code.IO, thrown.code(), thrown.getMessage());
        assertEquals(Errno.EIO, thrown.errno());
        assertTrue(
                thrown.getMessage()
                        .contains(SECOND + " is damaged at position 0: its header can't be read"),
                thrown.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void headerShouldBeNamedAndSetAside(UnreadableDirectory.Answer answer) {
        TestLog test = log().save(true).segment().batch(2).close();
        UnreadableDirectory directory =
                new UnreadableDirectory(test.directory(), SECOND, 0, answer);

        AppendException thrown =
                assertThrows(AppendException.class, () -> Recovery.recover(directory));
        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);
        LogRepair.execute(directory);

        assertEquals(Code.CORRUPT, thrown.code(), thrown.getMessage());
        assertTrue(thrown.getMessage().contains(SECOND), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("its header can't be read"), thrown.getMessage());
        assertEquals(30, result.entries());
        assertEquals(
                List.of(FIRST, "damaged-" + FIRST, "damaged-" + SECOND),
                test.directory().list().stream().sorted().toList());
        assertEquals(30, Recovery.recover(test.directory()).nextIndex());
    }

    /** It may be proof that entries are missing; where none is, it can be made anew. */
    @ParameterizedTest
    @EnumSource
    void indexShouldOnlyBeMissedWithItsEntries(UnreadableDirectory.Answer answer) {
        TestLog whole = log().save(true).segment().save(false);
        TestLog shorter = log().save(true);
        TestLog.Batch last = shorter.batches().getLast();
        MemoryDirectory damaged = shorter.flipped(FIRST, last.position() + 50, 1);
        long index;
        try (StoreFile file = whole.directory().openForReading(FIRST)) {
            index = file.size() - 4096;
        }

        AppendException thrown =
                assertThrows(
                        AppendException.class,
                        () ->
                                Recovery.recover(
                                        new UnreadableDirectory(damaged, FIRST, index, answer)));
        RecoveredLog log =
                Recovery.recover(new UnreadableDirectory(whole.directory(), FIRST, index, answer));

        assertEquals(Code.IO, thrown.code());
        assertEquals(29, thrown.index());
        assertEquals(30, log.nextIndex());
    }

    /** Where nothing proves anything, each hole would be searched behind up to the log's end. */
    @ParameterizedTest
    @EnumSource
    void manyPlacesShouldCostLittleMoreThanOne(UnreadableDirectory.Answer answer) {
        SegmentBuilder segment = unproven(0);
        MemoryDirectory files = new MemoryDirectory();
        files.put(FIRST, segment.bytes());
        StoreDirectory directory = files;
        int bad = 0;
        for (int at = BAD; at < segment.position() - BAD; at += BAD) {
            directory = new UnreadableDirectory(directory, FIRST, at, answer);
            bad++;
        }

        LogVerifier.Result result =
                LogVerifier.verify(
                        new MeteredDirectory(directory, LIMIT_BYTES).directory(),
                        VerifyProgress.NONE);

        assertEquals(bad, result.damages().size());
        assertTrue(result.damages().stream().allMatch(LogDamage::isUnreadable));
    }

    /** What is lost at the holes before it may have been acknowledged, too. */
    @ParameterizedTest
    @EnumSource
    void holesBeforeItShouldBeSearchedOnce(UnreadableDirectory.Answer answer) {
        SegmentBuilder segment = unproven(HOLE_BYTES);
        MemoryDirectory files = new MemoryDirectory();
        files.put(FIRST, segment.bytes());
        int at = segment.position() / BAD * BAD;
        UnreadableDirectory directory = new UnreadableDirectory(files, FIRST, at, answer);

        LogVerifier.Result result =
                LogVerifier.verify(
                        new MeteredDirectory(directory, LIMIT_BYTES).directory(),
                        VerifyProgress.NONE);

        assertEquals(1_000, result.damages().size());
        assertTrue(result.damages().stream().allMatch(LogDamage::isUnreadable));
    }

    /** Single entries between holes, none of which is proven to have been durable. */
    private static SegmentBuilder unproven(int holeBytes) {
        SegmentBuilder segment =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0, 1 << 20, 8, 0));
        while (segment.position() < segment.header().indexPosition() - 2 * BAD) {
            segment.batch(1, -1, new byte[1]).skip(holeBytes, holeBytes == 0 ? 0 : 1);
        }
        return segment;
    }

    /** What was read of a page before must not go with the page behind it. */
    @Test
    void fileShouldBeReadUpToIt() {
        TestLog test = log().close();
        try (StoreFile file = bad(test, UnreadableDirectory.Answer.PART).openForReading(FIRST)) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * BAD);

            assertEquals(BAD, new SalvagedFile(file).read(bytes, 0));
        }
    }
}
