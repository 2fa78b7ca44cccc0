package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Preallocation;

import java.util.concurrent.atomic.AtomicLong;

/** A disk that stands still: what producers see, and that nothing accepted is lost. */
final class BackPressureTest extends LogFixture {
    private static final int INLINE_BYTES = 20;
    private static final int OVERFLOW_BYTES = 100;
    private static final int BLOCK_COUNT = 2;

    private final Ledger ledger = new Ledger();
    private ProbedStorage storage;
    private long number;
    private long batchesBefore;

    @ParameterizedTest
    @ValueSource(ints = {INLINE_BYTES, OVERFLOW_BYTES})
    void blockShouldWaitAndLoseNothing(int length) throws Exception {
        try (AppendLog log = openStalled(BackPressure.BLOCK)) {
            fill(log, length);

            Threads producers =
                    Threads.start(
                            4,
                            producer -> {
                                for (int i = 0; i < 500; i++) {
                                    ledger.append(log, producer + 1, i, length);
                                }
                            });
            await("producers wait", () -> log.stats().waits() >= 4 && producers.areParked());
            int accepted = ledger.size();
            assertEquals(AppendLog.BACK_PRESSURED, log.tryAppend(new byte[length]));
            assertEquals(AppendLog.BACK_PRESSURED, log.tryClaim(length, new EntryClaim()));
            assertEquals(accepted, log.nextIndex());
            storage.resume();

            producers.join();
            assertEquals(accepted + 2_000, ledger.size());
            assertEquals(0, log.stats().drops());
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE_BYTES, OVERFLOW_BYTES})
    void failShouldThrow(int length) {
        try (AppendLog log = openStalled(BackPressure.FAIL)) {
            fill(log, length);

            assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[length]));
            assertFails(Code.BACK_PRESSURED, () -> log.claim(length, new EntryClaim()));
            assertEquals(AppendLog.BACK_PRESSURED, log.tryAppend(new byte[length]));
            assertEquals(ledger.size(), log.nextIndex());
            assertEquals(0, log.stats().waits());
            storage.resume();

            appendAgain(log, length);
        }

        ledger.assertHeldBy(readAll());
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE_BYTES, OVERFLOW_BYTES})
    void dropShouldCount(int length) {
        try (AppendLog log = openStalled(BackPressure.DROP)) {
            fill(log, length);

            assertEquals(AppendLog.BACK_PRESSURED, log.append(new byte[length]));
            assertEquals(AppendLog.BACK_PRESSURED, log.claim(length, new EntryClaim()));
            assertEquals(2, log.stats().drops());
            // Not dropped by the log: its caller has it still.
            assertEquals(AppendLog.BACK_PRESSURED, log.tryAppend(new byte[length]));
            assertEquals(2, log.stats().drops());
            assertEquals(ledger.size(), log.nextIndex());
            storage.resume();

            appendAgain(log, length);
        }

        ledger.assertHeldBy(readAll());
    }

    @Test
    void overflowBuffersShouldBeExhaustedBeforeSlots() {
        AppendLogConfig.Builder config =
                config().slotCount(256).overflowCount(2).backPressure(BackPressure.FAIL);
        storage = probe(config.build());
        try (AppendLog log = open(storage, config)) {
            // Held by claims, which keep them until they are committed and gathered.
            EntryClaim first = new EntryClaim();
            EntryClaim second = new EntryClaim();
            log.claim(OVERFLOW_BYTES, first);
            log.claim(OVERFLOW_BYTES, second);

            assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[OVERFLOW_BYTES]));
            assertFails(Code.BACK_PRESSURED, () -> log.claim(OVERFLOW_BYTES, new EntryClaim()));
            assertEquals(2, append(log, INLINE_BYTES));
            first.abort();
            second.abort();

            long index = appendAgain(log, OVERFLOW_BYTES);
            log.awaitDurable(index);
        }

        ledger.assertHeldBy(readAll());
    }

    /** An overflow buffer taken for an entry that finds no slot goes back. */
    @Test
    void overflowBuffersShouldNotLeakWhenSlotsAreTaken() {
        AppendLogConfig.Builder config =
                config().slotCount(2).overflowCount(2).backPressure(BackPressure.FAIL);
        storage = probe(config.build());
        try (AppendLog log = open(storage, config)) {
            EntryClaim first = new EntryClaim();
            EntryClaim second = new EntryClaim();
            log.claim(1, first);
            log.claim(1, second);

            for (int i = 0; i < 10; i++) {
                assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[OVERFLOW_BYTES]));
                assertEquals(
                        AppendLog.BACK_PRESSURED, log.tryClaim(OVERFLOW_BYTES, new EntryClaim()));
            }
            first.abort();
            second.abort();

            appendAgain(log, OVERFLOW_BYTES);
        }

        ledger.assertHeldBy(readAll());
    }

    @ParameterizedTest
    @ValueSource(ints = {INLINE_BYTES, OVERFLOW_BYTES})
    void interruptShouldEndTheWaitWithNothingAppended(int length) throws Exception {
        try (AppendLog log = openStalled(BackPressure.BLOCK)) {
            fill(log, length);
            long next = log.nextIndex();

            Threads producers =
                    Threads.start(
                            2,
                            producer -> {
                                boolean claims = producer == 0;
                                assertFails(
                                        Code.INTERRUPTED,
                                        () -> {
                                            if (claims) {
                                                log.claim(length, new EntryClaim());
                                            } else {
                                                log.append(new byte[length]);
                                            }
                                        });
                                assertTrue(Thread.interrupted(), "the interrupt is kept");
                            });
            await("producers wait", () -> log.stats().waits() >= 2 && producers.areParked());
            producers.get(0).interrupt();
            producers.get(1).interrupt();
            producers.join();

            assertEquals(next, log.nextIndex());
            storage.resume();
            appendAgain(log, length);
        }

        ledger.assertHeldBy(readAll());
    }

    /** A writer that waited for itself would wait for ever. */
    @ParameterizedTest
    @EnumSource(BackPressure.class)
    void listenerShouldNotWaitForAFreeSlot(BackPressure backPressure) {
        AppendLogConfig.Builder config = config().slotCount(2).backPressure(backPressure);
        storage = probe(config.build());
        AtomicLong refused = new AtomicLong();
        try (AppendLog log = open(storage, config)) {
            log.onDurable(
                    index -> {
                        for (int i = 0; i < 3 && refused.get() == 0; i++) {
                            if (log.tryAppend(new byte[1]) == AppendLog.BACK_PRESSURED) {
                                assertRefused(log, backPressure);
                                refused.incrementAndGet();
                            }
                        }
                    });
            appendAgain(log, INLINE_BYTES);

            await("a listener found no slot", () -> refused.get() > 0);
            assertEquals(0, log.stats().listenerFailures());
        }
    }

    private static void assertRefused(AppendLog log, BackPressure backPressure) {
        if (backPressure == BackPressure.DROP) {
            assertEquals(AppendLog.BACK_PRESSURED, log.append(new byte[1]));
        } else {
            assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[1]));
        }
    }

    // ---- what the tests do ----

    /** A log whose disk takes writes and never ends one. */
    private AppendLog openStalled(BackPressure backPressure) {
        AppendLogConfig.Builder config =
                config().slotCount(64)
                        .blockCount(BLOCK_COUNT)
                        .preallocate(Preallocation.SPARSE)
                        .backPressure(backPressure);
        storage = probe(config.build());
        AppendLog log = open(storage, config);
        log.awaitDurable(append(log, INLINE_BYTES));
        batchesBefore = log.stats().batches();
        storage.stall();
        return log;
    }

    /** Appends until the disk has every block, and nothing more is accepted. */
    private void fill(AppendLog log, int length) {
        await(
                "the writer is stuck",
                () -> {
                    boolean isStarved = log.stats().batches() == batchesBefore + BLOCK_COUNT;
                    return tryAppend(log, length) < 0 && isStarved;
                });
    }

    private long appendAgain(AppendLog log, int length) {
        long[] index = {-1};
        await("entries are accepted", () -> (index[0] = tryAppend(log, length)) >= 0);
        return index[0];
    }

    private long append(AppendLog log, int length) {
        long index = ledger.append(log, 0, number, length);
        number++;
        return index;
    }

    private long tryAppend(AppendLog log, int length) {
        long index = ledger.tryAppend(log, 0, number, length);
        if (index >= 0) {
            number++;
        } else {
            assertEquals(AppendLog.BACK_PRESSURED, index);
        }
        return index;
    }
}
