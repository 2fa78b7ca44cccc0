package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The end of a log, alone and against everything that may go on meanwhile. */
final class CloseTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    @ParameterizedTest
    @EnumSource(Producers.class)
    void closedLogShouldSaySo(Producers producers) {
        AppendLog log = open(config().producers(producers));
        log.append(BYTES);
        log.close();

        assertFails(Code.CLOSED, () -> log.append(BYTES));
        assertFails(Code.CLOSED, () -> log.append(new byte[1_000]));
        assertFails(Code.CLOSED, () -> log.claim(1, new EntryClaim()));
        assertEquals(AppendLog.CLOSED, log.tryAppend(BYTES));
        assertEquals(AppendLog.CLOSED, log.tryAppend(new byte[1_000]));
        assertEquals(AppendLog.CLOSED, log.tryClaim(1, new EntryClaim()));
        assertFails(Code.CLOSED, () -> log.truncateBefore(1));
        assertFails(Code.CLOSED, () -> log.truncateAfter(0));
    }

    /**
     * Cutting the last file to its length is for others' space; the next open can do it as well.
     */
    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENOSPC})
    void closeShouldNotFailForWantOfRoom(int errno) {
        Ledger ledger = new Ledger();
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        ledger.append(log, 0, 0, 20);
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            if (act == ProbedDirectory.Act.OPEN) {
                                throw Errno.exception(errno, "open", directory().resolve(name));
                            }
                        });

        log.close();

        ledger.assertHeldBy(readAll());
        open().close();
        ledger.assertHeldBy(readAll());
    }

    /** Then nobody has synced it, and nobody will. */
    @Test
    void closeShouldTellThatTheOnlySyncCouldNotBeMade() {
        AppendException refusal = Errno.exception(Errno.EMFILE, "open", directory());
        AppendLog log = neverSyncing(ProbedDirectory.Act.OPEN, refusal);

        assertEquals(Errno.EMFILE, assertThrows(AppendException.class, log::close).errno());
    }

    /** It may have dropped what was written: found by the simulation's seed 1007639. */
    @Test
    void closeShouldTellThatTheLastSyncFailed() {
        AppendException refusal = new AppendException(Code.DISK_FULL, "a test wants it so");
        AppendLog log = neverSyncing(ProbedDirectory.Act.SYNC, refusal);

        assertFails(Code.DISK_FULL, log::close);
    }

    /** A log under NEVER with an entry, where {@code refused} is refused from now on. */
    private AppendLog neverSyncing(ProbedDirectory.Act refused, AppendException refusal) {
        AppendLogConfig.Builder config = config().syncPolicy(SyncPolicy.NEVER);
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        log.append(BYTES);
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            if (act == refused && name.endsWith(".seg")) {
                                throw refusal;
                            }
                        });
        return log;
    }

    @ParameterizedTest
    @EnumSource(Producers.class)
    void closedLogShouldStillKnowItsPositions(Producers producers) {
        AppendLog log = open(config().producers(producers));
        log.append(BYTES);
        log.append(BYTES);
        log.close();
        log.close();

        assertEquals(2, log.nextIndex());
        assertEquals(1, log.durableIndex());
        assertEquals(1, log.writtenIndex());
        log.awaitDurable(1);
        log.awaitWritten(1);
        log.sync();
        assertThrows(IllegalArgumentException.class, () -> log.awaitDurable(2));
        assertEquals(2, log.stats().entries());
    }

    @Test
    void closeShouldLeaveAnEmptyLog() {
        open().close();

        try (AppendLog log = open()) {
            assertEquals(0, log.nextIndex());
            assertEquals(-1, log.durableIndex());
            assertEquals(0, log.firstIndex());
        }
        assertEquals(0, readAll().size());
    }

    @Test
    void closeShouldBeCalledByManyThreadsAtOnce() throws Exception {
        Ledger ledger = new Ledger();
        AppendLog log = open();
        ledger.appendMany(log, 0, 100, 20);

        Threads.run(4, number -> log.close());

        ledger.assertHeldBy(readAll());
    }

    @Test
    void closeShouldLetBlockedProducersGo() throws Exception {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = config().slotCount(2).overflowCount(1).blockCount(2);
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        storage.stall();

        Threads producers =
                Threads.start(
                        4,
                        producer -> {
                            int length = producer % 2 == 0 ? 10 : 100;
                            assertFails(
                                    Code.CLOSED,
                                    () -> {
                                        for (int i = 0; i < 1_000; i++) {
                                            ledger.append(log, producer, i, length);
                                        }
                                    });
                        });
        await("producers are blocked", () -> log.stats().waits() >= 4 && producers.areParked());
        Threads closing = Threads.start(1, number -> log.close());
        // While the disk still stands, and with it the close.
        producers.join();
        assertTrue(closing.get(0).isAlive());
        storage.resume();
        closing.join();

        ledger.assertHeldBy(readAll());
    }

    @Test
    void everyIndexReturnedBeforeCloseShouldBeKept() throws Exception {
        Ledger ledger = new Ledger();

        for (int round = 0; round < 30; round++) {
            AppendLog log = open(config().slotCount(round % 2 == 0 ? 4 : 256));
            long first = log.nextIndex();
            AtomicLong numbers = new AtomicLong();
            Threads producers =
                    Threads.start(
                            4,
                            producer -> {
                                long index = 0;
                                while (index >= 0) {
                                    long number = first + numbers.getAndIncrement();
                                    index = ledger.tryAppend(log, producer, number, 20);
                                    if (index == AppendLog.BACK_PRESSURED) {
                                        index = 0;
                                    }
                                }
                                assertEquals(AppendLog.CLOSED, index);
                            });
            long enough = first + 10 + round;
            await("some are appended", () -> log.nextIndex() >= enough);
            log.close();
            producers.join();
        }

        ledger.assertHeldBy(readAll());
    }

    /** The slot that the closing thread takes, to know the last entry, is not one. */
    @Test
    void closeShouldTakeNoIndex() {
        for (int round = 0; round < 40; round++) {
            try (AppendLog log = open(config().idleStrategy(BusySpinIdleStrategy::new))) {
                assertEquals(round, log.nextIndex());
                log.append(BYTES);
            }
        }
    }

    @Test
    void closeShouldFailOverClaimsLeftOpen() {
        Ledger ledger = new Ledger();
        EntryClaim claim = new EntryClaim();
        AppendLog log = open(config().closeTimeout(Duration.ofMillis(200)));
        ledger.appendMany(log, 0, 10, 20);
        assertEquals(10, log.claim(5, claim));
        ledger.appendMany(log, 1, 10, 20);

        AppendException thrown = assertFails(Code.FAILED, log::close);

        assertTrue(thrown.getMessage().contains("index 10 "), thrown.getMessage());
        assertFails(Code.FAILED, () -> log.append(BYTES));
        assertFails(Code.FAILED, () -> log.awaitWritten(11));
        claim.commit();
        log.close();
        assertEquals(10, readAll().size());
        ledger.assertHeldBy(readAll(), 9);
        try (AppendLog again = open()) {
            assertEquals(10, again.nextIndex());
        }
    }

    /** What the disk was given it may write yet: nobody else must write there. */
    @Test
    void directoryShouldStayLockedWhileTheDiskDoesNotAnswer() {
        assertEquals(0, unlocksIfCloseFails("2 operations did not end", 2));
    }

    /** Its descriptor is gone all the same: nothing will be written any more. */
    @Test
    void fileThatCannotBeClosedShouldNotKeepTheDirectoryLocked() {
        assertEquals(1, unlocksIfCloseFails("cannot close a file", 0));
    }

    /** How often the directory is unlocked if the engine's close ends with {@code fault}. */
    private int unlocksIfCloseFails(String fault, int operationsLeft) {
        ProbedStorage storage = probe(config().build());
        AtomicInteger unlocked = new AtomicInteger();
        AppendLog log = open(storage, config(), unlocked::incrementAndGet);
        storage.failClose(new AppendException(Code.IO, fault), operationsLeft);

        AppendException thrown = assertFails(Code.FAILED, log::close);

        assertTrue(thrown.getMessage().contains(fault), thrown.getMessage());
        return unlocked.get();
    }

    @Test
    void failedLogShouldLetGoOfTheDirectory() {
        ProbedStorage storage = probe(config().build());
        AtomicInteger unlocked = new AtomicInteger();
        AppendLog log = open(storage, config(), unlocked::incrementAndGet);
        storage.fault(operation -> Errno.EIO);
        log.append(BYTES);

        assertFails(Code.FAILED, log::close);

        assertEquals(1, unlocked.get());
    }

    @Test
    void closeShouldWaitForClaimsCommittedMeanwhile() throws Exception {
        EntryClaim claim = new EntryClaim();
        AppendLog log = open();
        log.claim(3, claim);
        claim.buffer().putBytes(0, BYTES);

        Threads closing = Threads.start(1, number -> log.close());
        await("the log is closing", () -> log.tryAppend(BYTES) == AppendLog.CLOSED);
        claim.commit();
        closing.join();

        assertEquals(new Entry(0, BYTES), readAll().getFirst());
    }

    @Test
    void interruptedThreadShouldCloseAllTheSame() {
        Ledger ledger = new Ledger();
        AppendLog log = open();
        ledger.appendMany(log, 0, 500, 20);

        Thread.currentThread().interrupt();
        log.close();

        assertTrue(Thread.interrupted());
        ledger.assertHeldBy(readAll());
    }

    /** The listener runs on the thread that close waits for. */
    @Test
    void listenerShouldAppendWhileTheLogIsClosed() {
        AppendLog log = open();
        AtomicReference<Code> code = new AtomicReference<>();
        AtomicLong tried = new AtomicLong();
        log.append(BYTES);
        log.sync();
        log.onDurable(
                index -> {
                    if (log.tryAppend(BYTES) == AppendLog.CLOSED) {
                        tried.set(AppendLog.CLOSED);
                        code.set(
                                assertThrows(AppendException.class, () -> log.append(BYTES))
                                        .code());
                    }
                });
        log.append(BYTES);

        log.close();

        assertEquals(AppendLog.CLOSED, tried.get());
        assertEquals(Code.CLOSED, code.get());
        assertEquals(0, log.stats().listenerFailures());
    }

    @Test
    void listenerShouldNotCloseItsLog() {
        AtomicReference<RuntimeException> thrown = new AtomicReference<>();

        try (AppendLog log = open()) {
            log.onDurable(
                    index -> thrown.set(assertThrows(IllegalStateException.class, log::close)));
            log.append(BYTES);
            await("the listener is told", () -> thrown.get() != null);
            log.append(BYTES);
        }

        assertEquals(2, readAll().size());
    }

    @Test
    void listenerShouldNotTruncateItsLog() {
        AtomicLong refused = new AtomicLong();

        try (AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        assertThrows(IllegalStateException.class, () -> log.truncateBefore(0));
                        assertThrows(IllegalStateException.class, () -> log.truncateAfter(-1));
                        refused.incrementAndGet();
                    });
            log.append(BYTES);
            await("the listener is told", () -> refused.get() > 0);
        }

        assertEquals(1, readAll().size());
    }

    @Test
    void closeShouldEndWaits() throws Exception {
        AppendLog log = open();
        EntryClaim claim = new EntryClaim();
        log.claim(1, claim);
        Threads waiting = Threads.start(2, number -> log.awaitDurable(0));
        await("they wait", waiting::areParked);
        assertFalse(log.awaitDurable(0, 1, TimeUnit.MILLISECONDS));

        Threads closing = Threads.start(1, number -> log.close());
        claim.abort();
        closing.join();

        waiting.join();
    }
}
