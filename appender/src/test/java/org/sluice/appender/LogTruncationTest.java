package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.atomic.AtomicLong;

/** Giving up the end, or the beginning, of a log that is open. */
final class LogTruncationTest extends LogTruncationFixture {
    // ---- the end ----

    /** 300 entries are 5 segments of batches of some 7. */
    @ParameterizedTest
    @ValueSource(
            longs = {-1, 0, 1, 6, 7, 8, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 150, 298, 299})
    void truncateAfterShouldKeepWhatIsBefore(long last) {
        try (AppendLog log = open(smallSegments())) {
            append(log, 300);

            log.truncateAfter(last);

            assertEquals(last + 1, log.nextIndex());
            assertEquals(last, log.durableIndex());
            assertEquals(last, log.writtenIndex());
            assertHolds(0, last + 1);
            append(log, 100);
            log.sync();
            assertHolds(0, last + 101);
        }
        try (AppendLog log = open(smallSegments())) {
            assertEquals(last + 101, log.nextIndex());
            append(log, 10);
        }
        assertHolds(0, last + 111);
    }

    @Test
    void truncateAfterShouldReachOverRecoveredEntries() {
        for (int i = 0; i < 3; i++) {
            try (AppendLog log = open(smallSegments())) {
                append(log, 100);
            }
        }

        try (AppendLog log = open(smallSegments())) {
            log.truncateAfter(149);
            log.truncateAfter(49);
            append(log, 3);
            log.truncateAfter(50);
            log.truncateAfter(50);
        }

        assertHolds(0, 51);
    }

    @Test
    void truncateAfterShouldRefuseIndexesItCannotKeep() {
        try (AppendLog log = open()) {
            append(log, 10);

            assertThrows(IllegalArgumentException.class, () -> log.truncateAfter(10));
            assertThrows(IllegalArgumentException.class, () -> log.truncateAfter(-2));
            append(log, 10);
        }
        assertHolds(0, 20);
    }

    @Test
    void durableListenersShouldHearOfWhatComesAfterATruncation() {
        AtomicLong told = new AtomicLong(-1);

        try (AppendLog log = open()) {
            log.onDurable(told::set);
            append(log, 10);
            await("all is durable", () -> told.get() == 9);
            log.truncateAfter(3);
            append(log, 2);
            await("the new entries are durable", () -> told.get() == 5);
        }
    }

    // ---- the beginning ----

    @Test
    void truncateBeforeShouldFreeWholeSegmentsOnly() {
        try (AppendLog log = open(smallSegments())) {
            append(log, 300);
            log.sync();

            log.truncateBefore(0);
            assertEquals(0, log.firstIndex());
            log.truncateBefore(150);

            long first = log.firstIndex();
            assertTrue(first > 50 && first <= 150, "" + first);
            assertHolds(first, 300);
            log.truncateBefore(300);
            assertTrue(log.firstIndex() > 200);
            append(log, 10);
            assertThrows(IllegalArgumentException.class, () -> log.truncateBefore(311));
            log.sync();
            assertHolds(log.firstIndex(), 310);
        }
        try (AppendLog log = open(smallSegments())) {
            assertEquals(310, log.nextIndex());
            assertHolds(log.firstIndex(), 310);
            assertFalse(log.firstIndex() <= 200);
        }
    }

    @Test
    void bothEndsShouldBeTruncated() {
        try (AppendLog log = open(smallSegments())) {
            append(log, 300);
            log.sync();
            log.truncateBefore(200);
            long first = log.firstIndex();
            log.truncateAfter(220);
            assertEquals(first, log.firstIndex());
            assertThrows(IllegalArgumentException.class, () -> log.truncateAfter(first - 2));
            log.truncateAfter(first - 1);
            assertEquals(first, log.nextIndex());
            assertEquals(first, log.firstIndex());
            append(log, 100);
            log.sync();
            assertHolds(first, first + 100);
        }
    }
}
