package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SegmentDescriptor;

import java.util.ArrayList;
import java.util.List;

/** A log that goes on where entries kept elsewhere ended. */
final class FirstIndexTest extends LogFixture {
    private static final long FIRST = 5_000_000_000L;

    private AppendLogConfig.Builder beginning() {
        return config().firstIndex(FIRST);
    }

    private static List<Long> indexes(List<Entry> entries) {
        return entries.stream().map(Entry::index).toList();
    }

    @Test
    void logShouldBeginWithTheIndexAskedFor() {
        List<Long> expected = new ArrayList<>();
        try (AppendLog log = open(beginning())) {
            assertEquals(FIRST, log.firstIndex());
            assertEquals(FIRST, log.nextIndex());
            assertEquals(FIRST - 1, log.durableIndex());
            for (int i = 0; i < 1_000; i++) {
                assertEquals(FIRST + i, log.append(new byte[40]));
                expected.add(FIRST + i);
            }
            log.awaitDurable(FIRST + 999);
            try (LogReader reader = log.openReader()) {
                assertEquals(expected, indexes(drain(reader)));
            }
        }

        assertEquals(expected, indexes(readAll()));
        assertTrue(LogVerifier.verify(directory()).isSound());
    }

    /** Not only once something was appended: who opens it next may not know the index any more. */
    @Test
    void indexShouldBeDurableWhenTheLogIsOpen() {
        try (AppendLog log = open(beginning());
                LogReader elsewhere = LogReader.open(directory())) {
            assertEquals(FIRST, log.nextIndex());
            assertEquals(FIRST, elsewhere.firstIndex());
            assertEquals(FIRST - 1, elsewhere.lastIndex());
            assertFails(Code.INDEX_TRUNCATED, () -> elsewhere.seek(0));
            assertEquals(FIRST, LogInfo.of(directory()).nextIndex());
        }

        try (AppendLog log = open()) {
            assertEquals(FIRST, log.append(new byte[1]));
        }
    }

    @Test
    void logThatIsThereShouldKeepItsOwn() {
        try (AppendLog log = open()) {
            log.append(new byte[1]);
        }

        try (AppendLog log = open(beginning())) {
            assertEquals(0, log.firstIndex());
            assertEquals(1, log.append(new byte[1]));
        }

        assertEquals(List.of(0L, 1L), indexes(readAll()));
    }

    /** Whether its first segment was begun or not: nobody could tell. */
    @Test
    void logOpenedBeforeButNotWrittenShouldTakeTheIndex() {
        try (AppendLog log = open()) {
            log.append(new byte[1]);
            log.truncateAfter(-1);
        }

        try (AppendLog log = open(beginning())) {
            assertEquals(FIRST, log.append(new byte[1]));
        }

        assertEquals(List.of(FIRST), indexes(readAll()));
        assertTrue(LogVerifier.verify(directory()).isSound());
    }

    @Test
    void truncationsShouldKeepTheIndex() {
        try (AppendLog log = open(beginning())) {
            log.truncateAfter(FIRST - 1);
            log.append(new byte[1]);
            log.append(new byte[1]);
            log.truncateAfter(FIRST - 1);
            log.truncateBefore(FIRST);

            assertEquals(FIRST, log.firstIndex());
            assertEquals(FIRST, log.append(new byte[1]));
            assertThrows(IllegalArgumentException.class, () -> log.truncateAfter(FIRST - 2));
        }
    }

    @Test
    void rollsAndRetentionShouldGoOnFromTheIndex() {
        long last = FIRST;
        try (AppendLog log = open(smallSegments().firstIndex(FIRST).retentionBytes(64 * 1024))) {
            while (log.firstIndex() < FIRST + 10) {
                last = log.append(new byte[1_000]);
                log.awaitDurable(last);
            }
        }

        List<Long> kept = indexes(readAll());
        assertTrue(kept.getFirst() >= FIRST + 10);
        assertEquals(last, kept.getLast());
        assertEquals(last - kept.getFirst() + 1, kept.size());
        assertTrue(LogVerifier.verify(directory()).isSound());
    }

    @Test
    void bothBoundsShouldHold() {
        long most = SegmentDescriptor.INDEX_MAX / 2;
        try (AppendLog log = open(config().firstIndex(most))) {
            assertEquals(most, log.append(new byte[1]));
        }
        for (long index : new long[] {-1, Long.MIN_VALUE, most + 1, Long.MAX_VALUE}) {
            AppendLogConfig.Builder config = config().firstIndex(index);
            assertThrows(IllegalArgumentException.class, config::build);
        }
    }
}
