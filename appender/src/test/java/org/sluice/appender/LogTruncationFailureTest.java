package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.LogDirectoryLayout;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A truncation that the disk, or the state of the log, stands against. */
final class LogTruncationFailureTest extends LogTruncationFixture {
    /** What 64 KiB hold beside a header and an index, where each entry takes a page. */
    private static final int PAGES_OF_A_SMALL_SEGMENT = 14;

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

    /**
     * No segment can be had behind one that is exactly full: the log waits for one as at a roll.
     */
    @Test
    void fullDiskBehindAFullSegmentShouldNotEndTheLog() {
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());
        AtomicBoolean isFull = new AtomicBoolean(true);
        AtomicInteger made = new AtomicInteger();
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            boolean isSpare = name.endsWith(LogDirectoryLayout.SPARE_SUFFIX);
                            if (act == Act.CREATE
                                    && isSpare
                                    && made.getAndIncrement() > 0
                                    && isFull.get()) {
                                throw full();
                            }
                        });
        AppendLog log = open(storage, config);
        for (int i = 0; i < PAGES_OF_A_SMALL_SEGMENT; i++) {
            append(log, 1);
            log.sync();
        }

        log.truncateAfter(log.nextIndex() - 1);
        assertFails(Code.DISK_FULL, () -> log.truncateAfter(4));

        assertNull(log.failure());
        assertEquals(PAGES_OF_A_SMALL_SEGMENT, log.nextIndex());
        log.close();
        try (AppendLog again = open(storage, config)) {
            await("it says so", () -> again.stats().isDiskFull());
            isFull.set(false);
            await("it goes on by itself", () -> !again.stats().isDiskFull());
            append(again, 1);
        }
        assertHolds(0, PAGES_OF_A_SMALL_SEGMENT + 1);
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

    /** Of the keeper's own spares, its own thread takes care. */
    private static boolean isOfATruncation(String name) {
        return name.endsWith(LogDirectoryLayout.SPARE_SUFFIX)
                && !Thread.currentThread().getName().startsWith("sluice");
    }

    private static AppendException full() {
        return new AppendException(Code.DISK_FULL, "a test wants it so");
    }
}
