package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.Preallocation;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A full disk is no failure: callers are told or wait, nothing is lost, and it goes on by itself.
 */
final class RefusedWriteTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSPC, Errno.EDQUOT})
    void callersShouldBeToldAndNothingLost(int errno) throws Exception {
        Ledger ledger = new Ledger();
        ProbedStorage storage = probe(config().build());

        try (AppendLog log = open(storage, config())) {
            ledger.appendMany(log, 0, 50, 20);
            log.sync();
            storage.fault(operation -> operation.kind() == Kind.WRITE ? errno : 0);
            ledger.appendMany(log, 1, 1, 20);
            assertFails(Code.DISK_FULL, () -> log.awaitDurable(50));
            assertFails(Code.DISK_FULL, () -> log.awaitWritten(50));
            assertFails(Code.DISK_FULL, log::sync);
            assertFails(Code.DISK_FULL, () -> log.append(BYTES));
            assertFails(Code.DISK_FULL, () -> log.append(new byte[1_000]));
            assertFails(Code.DISK_FULL, () -> log.claim(1, new EntryClaim()));
            assertEquals(AppendLog.DISK_FULL, log.tryAppend(BYTES));
            assertEquals(AppendLog.DISK_FULL, log.tryAppend(new byte[1_000]));
            await("the statistics say so", () -> log.stats().isDiskFull());
            assertEquals(49, log.durableIndex());

            storage.fault(operation -> 0);
            await("it goes on by itself", () -> !log.stats().isDiskFull());
            ledger.appendMany(log, 2, 50, 20);
            log.sync();
            assertEquals(100, log.durableIndex());
        }

        ledger.assertHeldBy(readAll());
    }

    @Test
    void callersShouldWaitIfSoConfigured() throws Exception {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config =
                config().diskFull(DiskFull.WAIT)
                        .slotCount(8)
                        .blockBytes(8 * 1024)
                        .maxEntryBytes(4_000);
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            ledger.appendMany(log, 0, 5, 20);
            log.sync();
            storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
            // More than all blocks hold, for each.
            Threads producers =
                    Threads.start(
                            4,
                            producer -> ledger.appendMany(log, 1 + producer, 4_000, 20 * producer));
            Threads waiter =
                    Threads.start(
                            1,
                            number -> {
                                await("more is appended", () -> log.nextIndex() > 5);
                                log.awaitDurable(5);
                            });
            await(
                    "all wait",
                    () ->
                            log.stats().isDiskFull()
                                    && log.stats().waits() > 0
                                    && producers.areParked()
                                    && waiter.areParked());
            assertFalse(log.awaitDurable(5, 1, TimeUnit.MILLISECONDS));

            storage.fault(operation -> 0);
            producers.join();
            waiter.join();
        }

        assertEquals(16_005, ledger.size());
        ledger.assertHeldBy(readAll());
    }

    /** Of two batches in flight the disk takes the first, and refuses the second. */
    @Test
    void whoWaitsForWhatWasWrittenShouldNotWaitForSpace() throws Exception {
        AppendLogConfig.Builder config =
                config().diskFull(DiskFull.WAIT).preallocate(Preallocation.SPARSE);
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            log.append(BYTES);
            log.sync();
            storage.stall();
            int before = storage.batchCount();
            long first = log.append(BYTES);
            Threads waiter = Threads.start(1, number -> log.awaitDurable(first));
            await("the first is submitted", () -> storage.batchCount() == before + 1);
            storage.fault(operation -> operation.baseIndex() > first ? Errno.ENOSPC : 0);
            long second = log.append(BYTES);
            Threads later = Threads.start(1, number -> log.awaitDurable(second));
            await("the second is submitted", () -> storage.batchCount() == before + 2);
            storage.resume();

            waiter.join();

            assertEquals(first, log.durableIndex());
            storage.fault(operation -> 0);
            later.join();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Act.class,
            names = {"CREATE", "ALLOCATE", "WRITE", "SYNC", "RENAME"})
    void rollShouldWaitForSpace(Act failing) {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            // The second segment may be there already, and the first be sealed: only those that are
            // made are meant.
            storage.probedDirectory()
                    .fault(
                            (act, name) -> {
                                if (act == failing && name.endsWith(".spare")) {
                                    throw new AppendException(Code.DISK_FULL, "a test wants it so");
                                }
                            });
            assertFails(Code.DISK_FULL, () -> ledger.appendMany(log, 0, Integer.MAX_VALUE, 1_000));
            await("the statistics say so", () -> log.stats().isDiskFull());
            assertTrue(log.stats().rollWaits() > 0);
            storage.probedDirectory().fault((act, name) -> {});
            await("it goes on by itself", () -> !log.stats().isDiskFull());
            ledger.appendMany(log, 1, 200, 1_000);
            log.sync();
        }

        ledger.assertHeldBy(readAll());
    }

    /** A full disk must not cost a core. */
    @Test
    void writerShouldIdleWhileEveryBlockIsRefused() {
        AtomicInteger idles = new AtomicInteger();
        AppendLogConfig.Builder config =
                config().diskFull(DiskFull.WAIT)
                        .blockCount(2)
                        .preallocate(Preallocation.SPARSE)
                        .backPressure(BackPressure.FAIL)
                        .idleStrategy(() -> counting(idles));
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            log.append(BYTES);
            log.sync();
            storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
            // Until both are with the disk, and none is left to be filled.
            storage.stall();
            int twoMore = storage.batchCount() + 2;
            await(
                    "two batches are submitted",
                    () -> {
                        log.tryAppend(new byte[8_000]);
                        return storage.batchCount() == twoMore;
                    });
            storage.resume();
            await("the disk is full", () -> log.stats().isDiskFull());
            int before = idles.get();
            await("the writer idles", () -> idles.get() > before + 10);
            storage.fault(operation -> 0);
            await("it goes on by itself", () -> log.tryAppend(BYTES) >= 0);
        }
    }

    private static IdleStrategy counting(AtomicInteger idles) {
        IdleStrategy idle = new BackoffIdleStrategy();
        return new IdleStrategy() {
            @Override
            public void idle(int workCount) {
                idles.addAndGet(workCount == 0 ? 1 : 0);
                idle.idle(workCount);
            }

            @Override
            public void idle() {
                idle.idle();
            }

            @Override
            public void reset() {
                idle.reset();
            }
        };
    }

    /** The mark of an orderly end is worth less than the space that others need. */
    @Test
    void closeShouldSucceedWhenAllIsDurable() {
        Ledger ledger = new Ledger();
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        ledger.appendMany(log, 0, 50, 20);
        log.sync();

        storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
        log.close();

        ledger.assertHeldBy(readAll());
        try (AppendLog again = open()) {
            ledger.appendMany(again, 1, 50, 20);
        }
        ledger.assertHeldBy(readAll());
    }

    @Test
    void closeShouldGiveUpWhatFindsNoSpace() {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = config().closeTimeout(Duration.ofMillis(200));
        ProbedStorage storage = probe(config.build());
        AppendLog log = open(storage, config);
        ledger.appendMany(log, 0, 50, 20);
        log.sync();
        storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
        log.append(BYTES);

        assertFails(Code.FAILED, log::close);

        ledger.assertHeldBy(readAll());
    }

    @Test
    void closeShouldWaitForSpace() throws Exception {
        Ledger ledger = new Ledger();
        ProbedStorage storage = probe(config().build());
        AppendLog log = open(storage, config());
        storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
        ledger.appendMany(log, 0, 1, 20);
        await("the disk is full", () -> log.stats().isDiskFull());

        Threads closing = Threads.start(1, number -> log.close());
        await("it is closing", () -> log.tryAppend(BYTES) == AppendLog.CLOSED);
        storage.fault(operation -> 0);
        closing.join();

        ledger.assertHeldBy(readAll());
    }

    @ParameterizedTest
    @EnumSource(DiskFull.class)
    void truncateAfterShouldNotEndTheLog(DiskFull diskFull) {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config =
                config().diskFull(diskFull).closeTimeout(Duration.ofMillis(200));
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            ledger.appendMany(log, 0, 50, 20);
            log.sync();
            storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.ENOSPC : 0);
            ledger.appendMany(log, 1, 1, 20);
            await("the disk is full", () -> log.stats().isDiskFull());

            assertFails(
                    diskFull == DiskFull.FAIL ? Code.DISK_FULL : Code.BACK_PRESSURED,
                    () -> log.truncateAfter(10));

            storage.fault(operation -> 0);
            await("it goes on by itself", () -> !log.stats().isDiskFull());
            ledger.appendMany(log, 2, 50, 20);
        }

        ledger.assertHeldBy(readAll());
    }

    /** The truncation has taken effect then, and the log is to go on. */
    @Test
    void truncateAfterShouldDoWithoutWhatTheDiskCannotReserve() {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder config = config().preallocate(Preallocation.RESERVE);
        ProbedStorage storage = probe(config.build());
        AtomicInteger refused = new AtomicInteger();

        try (AppendLog log = open(storage, config)) {
            ledger.appendMany(log, 0, 11, 20);
            new Ledger().appendMany(log, 1, 39, 20);
            storage.probedDirectory()
                    .fault(
                            (act, name) -> {
                                if (act == Act.ALLOCATE
                                        && name.endsWith(".seg")
                                        && refused.getAndIncrement() == 0) {
                                    throw new AppendException(Code.DISK_FULL, "a test wants it so");
                                }
                            });
            log.truncateAfter(10);
            assertEquals(2, refused.get(), "once refused, then done without blocks");
            ledger.appendMany(log, 2, 50, 20);
        }

        ledger.assertHeldBy(readAll());
    }
}
