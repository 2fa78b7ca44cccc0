package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.Preallocation;
import org.sluice.store.SegmentDescriptor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** A disk that fails: the log ends for good, says why, and what was acknowledged is there. */
final class FailureTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    enum Failing {
        WRITE,
        SYNC;

        boolean applies(ProbedIo.Operation operation) {
            return switch (this) {
                case WRITE -> operation.kind() == Kind.WRITE && operation.baseIndex() >= 50;
                case SYNC -> operation.kind() == Kind.SYNC && !operation.covered().isEmpty();
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Failing.class)
    void failedOperationShouldEndTheLogForGood(Failing failing) throws Exception {
        Ledger ledger = new Ledger();
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        AtomicLong told = new AtomicLong(-1);
        log.onDurable(told::set);
        ledger.appendMany(log, 0, 50, 20);
        log.awaitDurable(49);
        AtomicInteger failures = new AtomicInteger();

        // Once only: a disk that works again proves nothing.
        storage.fault(
                operation ->
                        failing.applies(operation) && failures.getAndIncrement() == 0
                                ? Errno.EIO
                                : 0);
        ledger.appendMany(log, 1, 1, 20);
        AppendException thrown = assertFails(Code.FAILED, () -> log.awaitDurable(50));

        assertEquals(Errno.EIO, thrown.errno());
        assertEquals(Code.IO, ((AppendException) thrown.getCause()).code());
        assertEquals(50, thrown.index());
        assertEndedAt49(log, ledger, told);
    }

    private void assertEndedAt49(AppendLog log, Ledger ledger, AtomicLong told) {
        assertFails(Code.FAILED, () -> log.append(BYTES));
        assertFails(Code.FAILED, () -> log.append(new byte[1_000]));
        assertFails(Code.FAILED, () -> log.claim(1, new EntryClaim()));
        assertEquals(AppendLog.FAILED, log.tryAppend(BYTES));
        assertEquals(AppendLog.FAILED, log.tryAppend(new byte[1_000]));
        assertFails(Code.FAILED, log::sync);
        assertFails(Code.FAILED, () -> log.truncateBefore(1));
        assertFails(Code.FAILED, () -> log.truncateAfter(1));
        assertEquals(49, log.durableIndex());
        assertEquals(49, told.get());
        assertFails(Code.FAILED, log::close);
        log.close();

        ledger.assertHeldBy(readAll(), 49);
        try (AppendLog again = open()) {
            assertTrue(again.nextIndex() >= 50);
            again.append(BYTES);
            again.sync();
        }
    }

    @ParameterizedTest
    @EnumSource(Failing.class)
    void waitersShouldGetTheCause(Failing failing) throws Exception {
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config().slotCount(4));
        for (int i = 0; i < 50; i++) {
            log.append(BYTES);
        }
        log.sync();
        storage.stall();
        storage.fault(operation -> failing.applies(operation) ? Errno.ENXIO : 0);

        Threads waiters =
                Threads.start(
                        8,
                        number -> {
                            AppendException thrown =
                                    assertFails(
                                            Code.FAILED,
                                            () -> {
                                                long index = log.append(BYTES);
                                                if (number % 4 == 0) {
                                                    log.sync();
                                                }
                                                log.awaitDurable(index);
                                            });
                            assertEquals(Errno.ENXIO, thrown.errno());
                        });
        await("all wait", waiters::areParked);
        assertNull(log.failure());
        storage.resume();

        waiters.join();
        assertEquals(Errno.ENXIO, log.failure().errno());
        assertFails(Code.FAILED, log::close);
    }

    /** The disk may never answer for what is still in flight. */
    @Test
    void waitersShouldGetTheCauseWhileOthersAreInFlight() throws Exception {
        // No zeros behind the first, for which the second would wait.
        AppendLogConfig.Builder config =
                config().syncPolicy(SyncPolicy.EVERY_BATCH).preallocate(Preallocation.SPARSE);
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        log.append(BYTES);
        log.sync();
        storage.hold(operation -> operation.kind() == Kind.WRITE);
        storage.fault(operation -> operation.kind() == Kind.SYNC ? Errno.EIO : 0);

        Threads first = Threads.start(1, number -> awaitFailed(log, log.append(BYTES)));
        await("the first is on its way", () -> storage.submittedTo() == 2);
        Threads second = Threads.start(1, number -> awaitFailed(log, log.append(BYTES)));
        await("the second is on its way", () -> storage.submittedTo() == 3);
        storage.hold(operation -> operation.kind() == Kind.WRITE && operation.baseIndex() == 2);

        first.join();
        second.join();
        storage.resume();
        assertFails(Code.FAILED, log::close);
    }

    private static void awaitFailed(AppendLog log, long index) {
        AppendException thrown = assertFails(Code.FAILED, () -> log.awaitDurable(index));
        assertEquals(Errno.EIO, thrown.errno());
    }

    @Test
    void blockedAppendShouldGetTheCause() throws Exception {
        AppendLogConfig.Builder config = config().slotCount(2).overflowCount(1);
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        storage.stall();
        Threads producers =
                Threads.start(
                        4,
                        producer ->
                                assertFails(
                                        Code.FAILED,
                                        () -> {
                                            while (true) {
                                                log.append(new byte[producer % 2 == 0 ? 8 : 80]);
                                            }
                                        }));
        await("producers are blocked", () -> log.stats().waits() >= 4 && producers.areParked());

        storage.fault(operation -> Errno.EIO);
        storage.resume();

        producers.join();
        assertFails(Code.FAILED, log::close);
    }

    @Test
    void failedRollShouldEndTheLog() {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        ledger.appendMany(log, 0, 10, 20);
        log.sync();
        storage.fault(
                operation ->
                        operation.kind() == Kind.WRITE && operation.position() == 0
                                ? Errno.EIO
                                : 0);

        AppendException thrown =
                assertFails(Code.FAILED, () -> ledger.appendMany(log, 1, Integer.MAX_VALUE, 20));

        assertEquals(Errno.EIO, thrown.errno());
        long durable = log.durableIndex();
        assertTrue(durable >= 9);
        assertFails(Code.FAILED, log::close);
        ledger.assertHeldBy(readAll(), durable);
    }

    @ParameterizedTest
    @EnumSource(
            value = Act.class,
            names = {"CREATE", "ALLOCATE", "WRITE", "SYNC", "RENAME", "SYNC_DIRECTORY"})
    void failedPreparationShouldEndTheLog(Act failing) {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        AppendException cause = new AppendException(Code.IO, "a test wants it so");
        storage.probedDirectory().fault(throwing(failing, cause));

        AppendException thrown =
                assertFails(Code.FAILED, () -> ledger.appendMany(log, 1, Integer.MAX_VALUE, 20));

        assertSame(cause, thrown.getCause());
        long durable = log.durableIndex();
        assertFails(Code.FAILED, log::close);
        storage.probedDirectory().fault((act, name) -> {});
        ledger.assertHeldBy(readAll(), durable);
        try (AppendLog again = open(config)) {
            new Ledger().appendMany(again, 2, 1_000, 20);
        }
    }

    /** A log that is slow, or idle, may not roll for weeks. */
    @ParameterizedTest
    @EnumSource(
            value = Act.class,
            names = {"OPEN", "WRITE", "SYNC"})
    void failedSealShouldEndTheLogWithoutARoll(Act failing) throws Exception {
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        AppendException cause = new AppendException(Code.IO, "a test wants it so");
        AtomicBoolean mayFail = new AtomicBoolean();
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            if (act == failing && name.equals(SegmentDescriptor.fileName(1))) {
                                await("the test goes on", mayFail::get);
                                throw cause;
                            }
                        });
        long count = 0;
        while (log.stats().rolls() < 2) {
            log.append(BYTES);
            count++;
        }
        log.sync();
        EntryClaim claim = new EntryClaim();
        long index = log.claim(1, claim);

        Threads waiting =
                Threads.start(1, number -> assertEndedBy(cause, () -> log.awaitDurable(index)));
        await("it waits", waiting::areParked);
        mayFail.set(true);
        waiting.join();

        assertEndedBy(cause, () -> log.append(BYTES));
        assertEquals(2, log.stats().rolls());
        claim.abort();
        assertEndedBy(cause, log::close);
        assertEquals(count, readAll().size());
    }

    private static void assertEndedBy(AppendException cause, Executable executable) {
        assertSame(cause, assertFails(Code.FAILED, executable).getCause());
    }

    static Stream<Throwable> unexpected() {
        return Stream.of(new IllegalStateException("odd"), new OutOfMemoryError("odd"));
    }

    /** Nothing may end the thread of segments unseen: the writer would wait for ever. */
    @ParameterizedTest
    @MethodSource("unexpected")
    void unexpectedThrowableInPreparationShouldEndTheLog(Throwable unexpected) {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        storage.probedDirectory().fault(throwing(Act.ALLOCATE, unexpected));

        AppendException thrown =
                assertFails(Code.FAILED, () -> ledger.appendMany(log, 1, Integer.MAX_VALUE, 20));

        assertTrue(thrown.getMessage().contains("odd"), thrown.getMessage());
        long durable = log.durableIndex();
        assertFails(Code.FAILED, log::close);
        ledger.assertHeldBy(readAll(), durable);
    }

    @Test
    void failedOpenShouldLeaveTheLogAsItWas() {
        open().close();
        ProbedStorage storage = probe(config().build());
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            throw new AppendException(Code.IO, "odd");
                        });

        assertFails(Code.IO, () -> open(storage, config()));

        open().close();
    }

    @Test
    void failedStartShouldTellItsCauseAndNotWhatCleaningUpMetWith() {
        AppendException cause = new AppendException(Code.IO, "odd");
        AppendLogConfig.Builder config =
                config().nanoClock(
                                () -> {
                                    if (Thread.currentThread().getName().equals("sluice-writer")) {
                                        throw cause;
                                    }
                                    return System.nanoTime();
                                });
        ProbedStorage storage = probe(config.build());
        storage.probedDirectory()
                .fault(throwing(Act.DELETE, new AppendException(Code.IO, "no deletion")));

        AppendException thrown = assertFails(Code.IO, () -> open(storage, config));

        assertTrue(thrown.getMessage().contains("odd"), thrown.getMessage());
    }

    @Test
    void throwingClockShouldEndTheLog() {
        AtomicReference<RuntimeException> odd = new AtomicReference<>();
        AppendLog log =
                open(
                        config().epochClock(
                                        () -> {
                                            if (odd.get() != null) {
                                                throw odd.get();
                                            }
                                            return 1;
                                        }));
        log.append(BYTES);
        log.sync();

        odd.set(new IllegalStateException("a clock stands still"));
        log.append(BYTES);
        AppendException thrown = assertFails(Code.FAILED, log::sync);

        assertTrue(thrown.getMessage().contains("a clock stands still"), thrown.getMessage());
        assertFails(Code.FAILED, log::close);
        assertEquals(1, readAll().size());
    }

    private static ProbedDirectory.Fault throwing(Act failing, Throwable cause) {
        return (act, name) -> {
            if (act == failing && cause instanceof Error error) {
                throw error;
            }
            if (act == failing) {
                throw (RuntimeException) cause;
            }
        };
    }
}
