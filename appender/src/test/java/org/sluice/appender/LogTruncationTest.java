package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.LogDirectoryLayout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Giving up the end, or the beginning, of a log that is open. */
final class LogTruncationTest extends LogFixture {
    private static final int ENTRY_BYTES = 1_000;

    private static byte[] bytes(long index) {
        return Entry.payload(7, index, ENTRY_BYTES);
    }

    private static void append(AppendLog log, int count) {
        for (int i = 0; i < count; i++) {
            long index = log.nextIndex();
            assertEquals(index, log.append(bytes(index)));
        }
    }

    private void assertHolds(long first, long next) {
        List<Entry> entries = readAll();
        assertEquals(next - first, entries.size());
        for (int i = 0; i < entries.size(); i++) {
            assertEquals(new Entry(first + i, bytes(first + i)), entries.get(i));
        }
    }

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
    void appendsMeanwhileShouldWaitForATruncation() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong appended = new AtomicLong();

        try (AppendLog log = open(smallSegments())) {
            append(log, 50);
            Threads producers =
                    Threads.start(
                            4,
                            producer -> {
                                byte[] entry = new byte[producer % 2 == 0 ? 20 : 200];
                                while (!isOver.get()) {
                                    log.append(entry);
                                    appended.incrementAndGet();
                                    long index = log.tryAppend(entry);
                                    assertTrue(index >= AppendLog.BACK_PRESSURED, "" + index);
                                }
                            });
            for (int i = 0; i < 5; i++) {
                long enough = appended.get() + 100;
                await("more is appended", () -> appended.get() > enough);
                log.truncateAfter(49);
                assertTrue(log.nextIndex() >= 50);
            }
            isOver.set(true);
            producers.join();
            log.truncateAfter(49);
        }

        assertHolds(0, 50);
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

    /** The truncation waits for the writer thread, on which listeners run. */
    @Test
    void listenerShouldAppendDuringATruncation() {
        try (AppendLog log = open(smallSegments())) {
            append(log, 10);
            log.onDurable(
                    index -> {
                        long code = log.tryAppend(new byte[1]);
                        assertTrue(code >= AppendLog.BACK_PRESSURED, "" + code);
                        if (code == AppendLog.BACK_PRESSURED) {
                            assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[1]));
                        }
                    });
            append(log, 1);
            log.truncateAfter(9);
            assertEquals(0, log.stats().listenerFailures());
        }
        assertTrue(readAll().size() >= 10);
    }

    @Test
    void truncateAfterShouldRefuseToWaitForClaimsForEver() {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open(config().closeTimeout(Duration.ofMillis(100)))) {
            append(log, 5);
            log.claim(1, claim);

            AppendException thrown = assertFails(Code.BACK_PRESSURED, () -> log.truncateAfter(2));

            assertTrue(thrown.getMessage().contains("index 5 "), thrown.getMessage());
            claim.abort();
            append(log, 5);
            log.truncateAfter(2);
            append(log, 1);
        }
        assertHolds(0, 4);
    }

    @Test
    void interruptedTruncationShouldLeaveTheLogAsItIs() throws Exception {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            append(log, 5);
            log.claim(1, claim);
            Threads truncating =
                    Threads.start(
                            1, number -> assertFails(Code.INTERRUPTED, () -> log.truncateAfter(2)));
            await("it waits", truncating::areParked);
            truncating.get(0).interrupt();
            truncating.join();
            claim.abort();
            append(log, 1);
        }

        assertEquals(6, readAll().size());
    }

    @Test
    void appendWaitingForATruncationShouldBeInterruptible() throws Exception {
        AppendLogConfig.Builder config = config();
        ProbedStorage storage = probe(config.build());
        AtomicBoolean isInside = new AtomicBoolean();
        AtomicBoolean mayGoOn = new AtomicBoolean();
        AppendLog log = open(storage, config);
        append(log, 10);
        log.sync();
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            if (act == Act.CREATE
                                    && Thread.currentThread().getName().equals("test-0")) {
                                isInside.set(true);
                                await("the test goes on", mayGoOn::get);
                            }
                        });

        Threads truncating = Threads.start(1, number -> log.truncateAfter(4));
        await("it truncates", isInside::get);
        Threads appending =
                Threads.start(
                        1, number -> assertFails(Code.INTERRUPTED, () -> log.append(bytes(0))));
        await("it waits", appending::areParked);
        assertEquals(AppendLog.BACK_PRESSURED, log.tryAppend(bytes(0)));
        appending.get(0).interrupt();
        appending.join();
        mayGoOn.set(true);
        truncating.join();
        append(log, 1);
        log.close();

        assertHolds(0, 6);
    }

    @ParameterizedTest
    @EnumSource(
            value = Act.class,
            names = {"CREATE", "WRITE", "RENAME", "SYNC"})
    void failedTruncationShouldEndTheLogAndSayWhy(Act failing) {
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        append(log, 10);
        log.sync();
        AppendException cause = new AppendException(Code.IO, "a test wants it so");
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            boolean isOurs = !Thread.currentThread().getName().startsWith("sluice");
                            if (act == failing && isOurs) {
                                throw cause;
                            }
                        });

        assertThrows(AppendException.class, () -> log.truncateAfter(4));

        assertEquals(AppendLog.FAILED, log.tryAppend(bytes(0)));
        AppendException thrown = assertFails(Code.FAILED, () -> log.append(bytes(0)));
        assertTrue(thrown.getMessage().contains("a test wants it so"), thrown.getMessage());
        assertFails(Code.FAILED, () -> log.truncateAfter(4));
        storage.probedDirectory().fault((act, name) -> {});
        assertFails(Code.FAILED, log::close);
        try (AppendLog again = open()) {
            assertTrue(again.nextIndex() == 10 || again.nextIndex() == 5, "" + again.nextIndex());
            append(again, 1);
        }
    }

    /** Each step before the one that counts finds no space; the log goes on. */
    @ParameterizedTest
    @EnumSource(
            value = Act.class,
            names = {"CREATE", "WRITE", "SYNC", "RENAME"})
    void fullDiskShouldRefuseATruncationAndKeepTheLog(Act refusing) {
        ProbedStorage storage = probe(config().build());
        try (AppendLog log = open(storage, config())) {
            append(log, 10);
            AtomicInteger refusals = new AtomicInteger();
            storage.probedDirectory()
                    .fault(
                            (act, name) -> {
                                if (act == refusing && isOfATruncation(name)) {
                                    refusals.incrementAndGet();
                                    throw full();
                                }
                            });

            AppendException thrown = assertFails(Code.DISK_FULL, () -> log.truncateAfter(4));

            assertTrue(thrown.getMessage().startsWith("nothing was truncated"), "" + thrown);
            assertEquals(1, refusals.get());
            assertEquals(10, log.nextIndex());
            append(log, 1);
            storage.probedDirectory().fault((act, name) -> {});
            log.truncateAfter(10);
            log.truncateAfter(4);
            append(log, 1);
        }
        assertHolds(0, 6);
    }

    /** The step that counts was taken, and recovery makes it durable. */
    @Test
    void truncationShouldStandWhereOnlyItsNameCouldNotBeSynced() {
        ProbedStorage storage = probe(config().build());
        try (AppendLog log = open(storage, config())) {
            append(log, 10);
            AtomicBoolean isRenamed = new AtomicBoolean();
            AtomicInteger refusals = new AtomicInteger();
            storage.probedDirectory()
                    .fault(
                            (act, name) -> {
                                if (act == Act.RENAME && isOfATruncation(name)) {
                                    isRenamed.set(true);
                                }
                                if (act == Act.SYNC_DIRECTORY && isRenamed.getAndSet(false)) {
                                    refusals.incrementAndGet();
                                    throw full();
                                }
                            });

            log.truncateAfter(4);

            assertEquals(1, refusals.get());
            assertEquals(5, log.nextIndex());
            append(log, 1);
        }
        assertHolds(0, 6);
    }

    /** Of the keeper's own spares, its own thread takes care. */
    private static boolean isOfATruncation(String name) {
        return name.endsWith(LogDirectoryLayout.SPARE_SUFFIX)
                && !Thread.currentThread().getName().startsWith("sluice");
    }

    private static AppendException full() {
        return new AppendException(Code.DISK_FULL, "a test wants it so");
    }

    @Test
    void truncateAfterOfAFailedLogShouldSayWhy() {
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        append(log, 10);
        log.sync();
        storage.fault(operation -> Errno.EIO);
        append(log, 1);
        assertFails(Code.FAILED, log::sync);

        assertFails(Code.FAILED, () -> log.truncateAfter(3));

        assertFails(Code.FAILED, log::close);
        assertHolds(0, 10);
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
