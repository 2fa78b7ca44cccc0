package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Logs forged so that each of many holes or false headers costs a search: whoever looks at them
 * must get by with a few times what the files hold.
 */
final class HostileHolesTest {
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int HOLE_BYTES = 48;
    private static final int FORGERIES = 15;
    private static final int MARGIN_BYTES = 1_000;
    private static final byte[] ENTRY = {1};
    private static final Set<Code> ANSWERS =
            EnumSet.of(Code.CORRUPT, Code.INDEX_NOT_WRITTEN, Code.INDEX_TRUNCATED);

    /** An entry behind many holes. */
    private static final long FAR = 10_000;

    /** What searches may cost of a log this small, and as much again for what is read twice. */
    private static final long LIMIT_BYTES = 1L << 30;

    /** The ways into a log that look for its end. */
    enum Way {
        OPEN,
        VERIFY,
        INFO,
        REPAIR,
        POLL,
        READ
    }

    /**
     * Goes that way; an answer may be any but that of a log that can't be read for other reasons.
     */
    private static void useMetered(MemoryDirectory forged, Way way) {
        StoreDirectory metered = new MeteredDirectory(forged.copy(), LIMIT_BYTES).directory();
        try {
            switch (way) {
                case OPEN -> Recovery.recover(metered);
                case VERIFY -> LogVerifier.verify(metered, VerifyProgress.NONE);
                case INFO -> LogInfo.of(metered);
                case REPAIR -> LogRepair.plan(metered);
                case POLL -> read(metered, reader -> reader.poll(HostileHolesTest::ignore, 10));
                case READ -> read(metered, reader -> reader.read(FAR, HostileHolesTest::ignore));
            }
        } catch (AppendException e) {
            assertTrue(ANSWERS.contains(e.code()), e::toString);
        }
    }

    private static void read(StoreDirectory directory, Consumer<LogReader> use) {
        try (LogReader reader = LogReader.elsewhere(directory, System::nanoTime)) {
            reader.seek(FAR);
            use.accept(reader);
        }
    }

    private static void ignore(
            DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        // Only what it takes to get here counts.
    }

    private static SegmentBuilder segment(long number, long baseIndex, int bytes) {
        return new SegmentBuilder(
                SegmentBuilder.header(TestLog.LOG_ID, number, baseIndex, bytes, 8, 0));
    }

    private static MemoryDirectory save(MemoryDirectory directory, SegmentBuilder segment) {
        directory.put(SegmentDescriptor.fileName(segment.header().number()), segment.bytes());
        return directory;
    }

    /** Headers of false batches that each reach as far as they can. */
    private static void forge(SegmentBuilder segment, int count) {
        for (int i = 0; i < count; i++) {
            int at = segment.position();
            int length = (int) (segment.header().indexPosition() - at) & -8;
            BatchDescriptor.encodeHeader(
                    segment.buffer(), at, length, length, 1, 1L << 40, 1, -1, 0);
            segment.skip(BatchDescriptor.HEADER_BYTES, 0);
        }
    }

    private static boolean hasRoom(SegmentBuilder segment) {
        return segment.position() < segment.header().indexPosition() - MARGIN_BYTES;
    }

    /** A batch that is right after every few that are not, and nothing that proves a loss. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void searchShouldGiveUpOnEndlessForgeries(Way way) {
        useMetered(endlessForgeries(), way);
    }

    private static MemoryDirectory endlessForgeries() {
        SegmentBuilder segment = segment(1, 0, SEGMENT_BYTES);
        segment.batch(1, -1, ENTRY).skip(HOLE_BYTES, 1);
        while (hasRoom(segment)) {
            segment.batch(1, -1, ENTRY);
            forge(segment, FORGERIES);
        }
        return save(new MemoryDirectory(), segment);
    }

    @Test
    void logThatIsRefusedForItsForgeriesShouldBeRepairable() {
        MemoryDirectory directory = endlessForgeries();
        AppendException refused =
                assertThrows(AppendException.class, () -> Recovery.recover(directory));
        assertEquals(Code.CORRUPT, refused.code());

        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);
        LogRepair.Plan plan = LogRepair.execute(directory);

        assertEquals(1, result.damages().size());
        assertEquals("entries from 1 on are lost", plan.lostEntries());
        assertEquals(1, Recovery.recover(directory).nextIndex());
    }

    /** The same, and the first segment's header is broken. */
    @Test
    void firstSegmentThatIsFullOfForgeriesShouldBeSetAside() {
        MemoryDirectory directory = endlessForgeries();
        String first = SegmentDescriptor.fileName(1);
        byte[] bytes = directory.bytes(first);
        bytes[0] ^= 1;
        directory.put(first, bytes);
        SegmentBuilder second = segment(2, 500_000, SEGMENT_BYTES);
        save(directory, second.batch(1, 499_999, ENTRY));

        LogRepair.Plan plan = LogRepair.execute(directory);

        assertEquals("entries up to 499999 are lost", plan.lostEntries());
        assertEquals(500_001, Recovery.recover(directory).nextIndex());
    }

    /** The same, but each hole is damage, so that a search begins behind each. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void searchShouldGiveUpOnForgeriesBehindEachHole(Way way) {
        SegmentBuilder segment = segment(1, 0, SEGMENT_BYTES);
        while (hasRoom(segment)) {
            segment.batch(1, segment.nextIndex() - 1, ENTRY);
            forge(segment, FORGERIES);
            segment.skip(0, 1);
        }

        useMetered(save(new MemoryDirectory(), segment), way);
    }

    /** Only the segment's last batch proves the holes before it to be damage. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void searchShouldRememberWhatProvedTheLastHole(Way way) {
        useMetered(holes(), way);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void searchShouldRememberWhatALaterSegmentProved(Way way) {
        MemoryDirectory directory = new MemoryDirectory();
        long index = 0;
        int segments = 400;
        for (int number = 1; number <= segments; number++) {
            SegmentBuilder segment =
                    segment(number, index, (int) SegmentDescriptor.SEGMENT_BYTES_MIN);
            segment.batch(1, -1, ENTRY).skip(HOLE_BYTES, 1).batch(1, -1, ENTRY).skip(0, 1);
            if (number == segments) {
                segment.batch(1, segment.nextIndex() - 1, ENTRY);
            }
            save(directory, segment);
            index = segment.nextIndex() + 1;
        }

        useMetered(directory, way);

        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);
        assertEquals(2 * segments, result.damages().size());
    }

    /** A staircase: for each hole there is another batch that proves it, as far away as can be. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void searchShouldGiveUpOnAProofForEachHole(Way way) {
        SegmentBuilder segment = segment(1, 0, SEGMENT_BYTES);
        while (segment.position() < SEGMENT_BYTES / 2) {
            segment.batch(1, -1, ENTRY).skip(HOLE_BYTES, 1);
        }
        for (int claimed = 1; hasRoom(segment); claimed += 2) {
            segment.batch(1, claimed, ENTRY);
        }

        useMetered(save(new MemoryDirectory(), segment), way);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damagesBeyondTheFirstThousandShouldBeCounted(boolean isInfo) {
        MemoryDirectory directory = holes();
        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);
        LogInfo info = LogInfo.of(directory);

        int kept = isInfo ? info.damages().size() : result.damages().size();
        long more = isInfo ? info.moreDamages() : result.moreDamages();

        assertEquals(1_000, kept);
        assertEquals(result.entries() - 2, kept + more);
    }

    /** Single entries between holes. */
    private static MemoryDirectory holes() {
        SegmentBuilder segment = segment(1, 0, SEGMENT_BYTES);
        while (hasRoom(segment)) {
            segment.batch(1, -1, ENTRY).skip(HOLE_BYTES, 1);
        }
        segment.batch(1, -1, ENTRY);
        segment.batch(1, segment.nextIndex() - 2, ENTRY);
        return save(new MemoryDirectory(), segment);
    }
}
