package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What goes when a log may not grow for ever, and that nothing else does. */
final class RetentionTest extends LogFixture {
    private static final int SEGMENT_BYTES = 64 * 1024;
    private static final int ENTRY_BYTES = 1_000;
    private static final int KEPT_SEGMENTS = 3;

    /** Beside what is kept: the one written to, two made ready, and two freed to be used again. */
    private static final int FILES_MAX = KEPT_SEGMENTS + 5;

    private long number;

    @Test
    void bytesShouldBoundTheLog() {
        try (AppendLog log = open(retaining())) {
            for (int i = 0; i < 40; i++) {
                appendUntilRolled(log);
                assertTrue(log.stats().sealedSegments() <= FILES_MAX, () -> log.stats().toString());
            }
            await("the oldest are gone", () -> log.stats().sealedSegments() == KEPT_SEGMENTS);
            await("files are few", () -> files().size() <= FILES_MAX);

            assertTrue(log.firstIndex() > 0);
            log.sync();
            assertHoldsAtMost(log.firstIndex(), number);
        }

        assertTrue(files().size() <= FILES_MAX, () -> "" + files());
        assertHolds(readAll().getFirst().index(), number);
    }

    /** Each truncation ends a segment, however little that holds. */
    @Test
    void truncationsShouldNotDriveEntriesOut() {
        try (AppendLog log = open(retaining())) {
            for (int round = 0; round < 3 * KEPT_SEGMENTS; round++) {
                log.append(new byte[ENTRY_BYTES]);
                log.append(new byte[ENTRY_BYTES]);
                log.truncateAfter(round);
            }
            log.sync();

            assertEquals(0, log.firstIndex());
            assertEquals(3 * KEPT_SEGMENTS, log.nextIndex());
        }

        assertEquals(3 * KEPT_SEGMENTS, readAll().size());
    }

    @Test
    void bytesShouldHoldForWhatIsFoundAtOpen() {
        try (AppendLog log = open(small())) {
            while (log.stats().rolls() < 10) {
                append(log, 1);
            }
        }

        try (AppendLog log = open(retaining())) {
            await("the oldest are gone", () -> log.stats().sealedSegments() <= KEPT_SEGMENTS);
            assertTrue(log.firstIndex() > 0);
            assertHoldsAtMost(log.firstIndex(), number);
        }
    }

    @Test
    void ageShouldRemoveOldSegmentsOnly() {
        AtomicLong nowNs = new AtomicLong(TimeUnit.DAYS.toNanos(20_000));
        AppendLogConfig.Builder config =
                small().epochClock(nowNs::get).retentionAge(Duration.ofHours(1));
        try (AppendLog log = open(config)) {
            appendUntilRolled(log);
            long old = sealedUpTo(log, 1);
            nowNs.addAndGet(TimeUnit.MINUTES.toNanos(50));
            appendUntilRolled(log);
            sealedUpTo(log, 2);
            assertEquals(0, log.firstIndex());

            nowNs.addAndGet(TimeUnit.MINUTES.toNanos(11));
            await("the first is gone", () -> log.firstIndex() > 0);

            assertTrue(log.firstIndex() <= old);
            await("one is left", () -> log.stats().sealedSegments() == 1);
            assertHoldsAtMost(log.firstIndex(), number);
            nowNs.addAndGet(TimeUnit.HOURS.toNanos(2));
            await("the second is gone", () -> log.stats().sealedSegments() == 0);
            // The segment that is written to stays, however old.
            assertTrue(log.firstIndex() < log.nextIndex());
            assertHoldsAtMost(log.firstIndex(), number);
        }
    }

    private static long sealedUpTo(AppendLog log, int count) {
        log.sync();
        await(count + " are sealed", () -> log.stats().sealedSegments() == count);
        return log.nextIndex();
    }

    /** Old bytes in a recycled file must never be taken for new ones. */
    @Test
    void recycledSegmentsShouldHoldTheRightEntries() {
        for (int run = 0; run < 3; run++) {
            try (AppendLog log = open(retaining())) {
                for (int i = 0; i < 30; i++) {
                    appendUntilRolled(log);
                }
                log.sync();
                assertHoldsAtMost(log.firstIndex(), number);
                await("files are few", () -> files().size() <= FILES_MAX);
            }
            assertTrue(diskBytes() <= (long) FILES_MAX * SEGMENT_BYTES, () -> "" + files());
        }

        assertHolds(readAll().getFirst().index(), number);
    }

    @Test
    void readerShouldFollowThroughRecycledSegments() throws Exception {
        AtomicBoolean isDone = new AtomicBoolean();
        AtomicLong delivered = new AtomicLong();
        try (AppendLog log = open(retaining());
                LogReader reader = log.openReader()) {
            Threads following = Threads.start(1, thread -> follow(reader, log, isDone, delivered));
            for (int i = 0; i < 60; i++) {
                appendUntilRolled(log);
            }
            log.sync();
            isDone.set(true);

            following.join();
            assertTrue(delivered.get() > 0);
        }
    }

    private static void follow(
            LogReader reader, AppendLog log, AtomicBoolean isDone, AtomicLong delivered) {
        long[] next = {0};
        while (!isDone.get() || next[0] < log.nextIndex()) {
            try {
                int count =
                        reader.poll(
                                (buffer, offset, length, index, timestampNs) -> {
                                    byte[] bytes = new byte[length];
                                    buffer.getBytes(offset, bytes);
                                    assertTrue(index >= next[0], () -> index + " comes again");
                                    assertArrayEquals(payload(index), bytes);
                                    next[0] = index + 1;
                                },
                                16);
                delivered.addAndGet(count);
            } catch (AppendException truncated) {
                assertEquals(Code.INDEX_TRUNCATED, truncated.code(), truncated.getMessage());
            }
        }
        assertEquals(log.nextIndex(), next[0]);
    }

    @Test
    void truncateBeforeShouldGiveUpWholeSegmentsOnly() {
        try (AppendLog log = open(small())) {
            List<Long> ends = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                appendUntilRolled(log);
                ends.add(sealedUpTo(log, i + 1));
            }

            log.truncateBefore(0);
            assertEquals(0, log.firstIndex());
            log.truncateBefore(1);
            assertEquals(0, log.firstIndex());
            assertEquals(5, log.stats().sealedSegments());
            long index = ends.get(1);
            log.truncateBefore(index);

            long first = log.firstIndex();
            assertTrue(first > 0 && first <= index, () -> first + " is beyond " + index);
            assertHolds(first, number);
            log.truncateBefore(first - 1);
            assertEquals(first, log.firstIndex());
            log.truncateBefore(log.nextIndex());
            assertEquals(0, log.stats().sealedSegments());
            assertTrue(log.firstIndex() < log.nextIndex());
            assertHolds(log.firstIndex(), number);
        }

        try (AppendLog log = open(small())) {
            assertHolds(log.firstIndex(), number);
            assertEquals(number, append(log, 1));
        }
    }

    @Test
    void truncateBeforeShouldRemoveTheFilesBeforeItReturns() {
        try (AppendLog log = open(small())) {
            for (int i = 0; i < 5; i++) {
                appendUntilRolled(log);
                sealedUpTo(log, i + 1);
            }
            Path oldest = segments().getFirst();

            log.truncateBefore(log.nextIndex());

            assertTrue(Files.notExists(oldest));
            assertTrue(segments().size() <= 3, () -> "" + segments());
        }
    }

    @Test
    void truncateBeforeShouldRefuseWhatIsBeyondTheEnd() {
        try (AppendLog log = open(small())) {
            append(log, 3);

            IllegalArgumentException thrown =
                    assertThrows(IllegalArgumentException.class, () -> log.truncateBefore(4));

            assertTrue(thrown.getMessage().contains("4"), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("3"), thrown.getMessage());
            log.truncateBefore(3);
            log.sync();
            assertHolds(0, 3);
        }
    }

    @Test
    void readerShouldBeToldOfWhatWasGivenUp() {
        try (AppendLog log = open(small());
                LogReader inProcess = log.openReader();
                LogReader other = LogReader.open(directory())) {
            for (int i = 0; i < 5; i++) {
                appendUntilRolled(log);
                sealedUpTo(log, i + 1);
            }
            // A reader that has not read anything begins at whatever is the first entry then.
            for (LogReader reader : List.of(inProcess, other)) {
                assertEquals(1, reader.poll((buffer, offset, length, index, time) -> {}, 1));
            }
            log.truncateBefore(log.nextIndex());
            long first = log.firstIndex();

            for (LogReader reader : List.of(inProcess, other)) {
                assertFails(Code.INDEX_TRUNCATED, () -> drain(reader));
                List<Entry> entries = drain(reader);
                assertEquals(first, entries.getFirst().index());
                assertEquals(number - first, entries.size());
                assertFails(Code.INDEX_TRUNCATED, () -> reader.seek(first - 1));
                assertFails(
                        Code.INDEX_TRUNCATED,
                        () -> reader.read(0, (buffer, offset, length, index, time) -> {}));
            }
        }
    }

    // ---- what the tests do ----

    private AppendLogConfig.Builder small() {
        return config().segmentBytes(SEGMENT_BYTES).blockBytes(8 * 1024).maxEntryBytes(4_000);
    }

    private AppendLogConfig.Builder retaining() {
        return small().retentionBytes((long) KEPT_SEGMENTS * SEGMENT_BYTES);
    }

    private static byte[] payload(long index) {
        return Entry.payload(0, index, (int) (index % ENTRY_BYTES));
    }

    /** Entry n has what {@link #payload} says of n. */
    private long append(AppendLog log, int count) {
        long index = -1;
        for (int i = 0; i < count; i++) {
            index = log.append(payload(number));
            assertEquals(number++, index);
        }
        return index;
    }

    private void appendUntilRolled(AppendLog log) {
        if (number == 0) {
            await("the first segment is begun", () -> log.stats().rolls() == 1);
        }
        long rolls = log.stats().rolls();
        while (log.stats().rolls() == rolls) {
            append(log, 1);
        }
    }

    /** The log holds all from {@code first} to before {@code next}, or retention goes on. */
    private void assertHoldsAtMost(long first, long next) {
        List<Entry> entries = new ArrayList<>();
        await(
                "what was given up is gone",
                () -> {
                    entries.clear();
                    entries.addAll(readWhatIsKept());
                    return entries.getFirst().index() >= first;
                });
        long kept = entries.getFirst().index();
        assertEquals(next - kept, entries.size());
        assertRight(kept, entries);
    }

    private void assertHolds(long first, long next) {
        List<Entry> entries = readAll();
        assertEquals(next - first, entries.size());
        assertRight(first, entries);
    }

    private static void assertRight(long first, List<Entry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            assertEquals(new Entry(first + i, payload(first + i)), entries.get(i));
        }
    }

    /** What a reader finds that retention does not overtake. */
    private List<Entry> readWhatIsKept() {
        List<Entry> entries = new ArrayList<>();
        await(
                "a reader comes through",
                () -> {
                    try {
                        return entries.addAll(readAll());
                    } catch (AppendException overtaken) {
                        assertEquals(Code.INDEX_TRUNCATED, overtaken.code());
                        return false;
                    }
                });
        return entries;
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(directory())) {
            return files.filter(file -> !file.endsWith("LOCK")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> segments() {
        return files().stream().filter(file -> file.toString().endsWith(".seg")).toList();
    }

    private long diskBytes() {
        long bytes = 0;
        for (Path file : files()) {
            bytes += file.toFile().length();
        }
        return bytes;
    }
}
