package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Preallocation;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** When an entry counts as safe, and that it is. */
final class DurableTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    // ---- never before it is true ----

    static Stream<SyncPolicy> policies() {
        return Stream.of(
                SyncPolicy.ON_DEMAND,
                SyncPolicy.EVERY_BATCH,
                SyncPolicy.interval(Duration.ofMillis(1)));
    }

    /** Completions come late and in any order. */
    @ParameterizedTest
    @MethodSource("policies")
    void nothingShouldBeAcknowledgedBeforeItIsDurable(SyncPolicy policy) throws Exception {
        long seed = 42;
        SplittableRandom random = new SplittableRandom(seed);
        AppendLogConfig.Builder config = smallSegments().syncPolicy(policy);
        ProbedStorage storage = probe(config.build());
        storage.hold(operation -> random.nextInt(4) != 0);
        DurableModel model = storage.model();
        AtomicLong told = new AtomicLong(-1);
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        Ledger ledger = new Ledger();

        try (AppendLog log = open(storage, config)) {
            log.onDurable(
                    index -> {
                        if (index > model.provenIndex() || index <= told.getAndSet(index)) {
                            wrong.add("told of " + index + ", " + model.provenIndex() + " proven");
                        }
                    });
            Threads.run(
                    4,
                    producer -> {
                        for (int i = 0; i < 150; i++) {
                            int length = i % 10 == 0 ? 3_000 : 30;
                            long index = ledger.append(log, producer, i, length);
                            if (i % (producer + 2) == 0) {
                                log.awaitDurable(index);
                                long proven = model.provenIndex();
                                assertTrue(proven >= index, () -> index + " > " + proven);
                            }
                            long durable = log.durableIndex();
                            long proven = model.provenIndex();
                            assertTrue(proven >= durable, () -> durable + " > " + proven);
                        }
                    });
            log.sync();
            assertEquals(599, log.durableIndex());
            assertTrue(log.stats().rolls() > 2);
            storage.resume();
        }

        assertTrue(wrong.isEmpty(), () -> "seed " + seed + ": " + wrong);
        assertEquals(599, told.get());
        ledger.assertHeldBy(readAll());
    }

    @Test
    void batchThatSomeoneWaitsForShouldBeWrittenAsSuch() throws Exception {
        // No zeros behind the first batch, for which the second would wait.
        AppendLogConfig.Builder config = config().preallocate(Preallocation.SPARSE);
        ProbedStorage storage = probe(config.build());
        storage.hold(operation -> operation.entryCount() > 0);

        try (AppendLog log = open(storage, config)) {
            log.append(new byte[10]);
            await("nobody waits for it", () -> storage.batchCount() == 1);
            assertEquals(0, storage.awaitedCount());
            long index = log.append(new byte[10]);
            Threads waiting = Threads.start(1, number -> log.awaitDurable(index));
            await("somebody waits for it", () -> storage.batchCount() == 2);
            assertEquals(1, storage.awaitedCount());
            storage.resume();
            waiting.join();
        }
    }

    @Test
    void nextSegmentShouldNotCountBeforeTheLastIsSynced() throws Exception {
        AppendLogConfig.Builder config =
                smallSegments()
                        .syncPolicy(SyncPolicy.EVERY_BATCH)
                        .preallocate(Preallocation.SPARSE)
                        .blockCount(64);
        ProbedStorage storage = probe(config.build());
        String first = "0000000000000001.seg";
        storage.hold(operation -> operation.name().equals(first) && operation.kind() == Kind.SYNC);

        try (AppendLog log = open(storage, config)) {
            while (log.stats().rolls() < 3) {
                log.append(new byte[1_000]);
            }
            long last = log.nextIndex() - 1;
            assertFalse(log.awaitDurable(last, 20, TimeUnit.MILLISECONDS));
            // So many fit the first segment.
            assertTrue(log.durableIndex() < 60, () -> log.durableIndex() + " is durable");
            storage.resume();
            log.awaitDurable(last);
            assertTrue(storage.model().provenIndex() >= last);
        }
    }

    /** A reader of what is durable must not pass on what a power cut could take back. */
    @Test
    void durableReaderShouldStopBeforeWhatIsNotDurable() {
        ProbedStorage storage = probe(config().build());
        AtomicInteger seen = new AtomicInteger();
        EntryHandler count = (buffer, offset, length, index, timestampNs) -> seen.addAndGet(1);

        try (AppendLog log = open(storage, config());
                LogReader reader = log.openReader();
                LogReader durable = log.openDurableReader()) {
            log.append(BYTES);
            log.sync();
            storage.hold(operation -> operation.kind() == Kind.SYNC);
            long index = log.append(BYTES);
            log.awaitWritten(index);
            assertEquals(2, reader.poll(count, 10));
            assertEquals(1, durable.poll(count, 10));
            assertEquals(0, durable.poll(count, 10));
            assertFails(Code.INDEX_NOT_WRITTEN, () -> durable.read(index, count));

            storage.resume();
            log.sync();
            assertEquals(1, durable.poll(count, 10));
            durable.read(index, count);
            assertEquals(5, seen.get());
        }
    }

    @Test
    void syncShouldGiveUpWhenItsTimeIsOver() {
        ProbedStorage storage = probe(config().build());

        try (AppendLog log = open(storage, config())) {
            assertTrue(log.sync(0, TimeUnit.NANOSECONDS), "nothing was appended");
            storage.hold(operation -> operation.kind() == Kind.SYNC);
            log.append(BYTES);
            assertFalse(log.sync(1, TimeUnit.MILLISECONDS));
            storage.resume();
            assertTrue(log.sync(1, TimeUnit.MINUTES));
            assertEquals(0, log.durableIndex());
        }
    }

    // ---- when it syncs ----

    @Test
    void onDemandShouldNotSyncUnasked() {
        ProbedStorage storage = probe(config().build());

        try (AppendLog log = open(storage, config())) {
            for (int i = 0; i < 100; i++) {
                log.append(BYTES);
            }
            log.awaitWritten(99);
            assertEquals(0, storage.model().syncCount());
            assertEquals(-1, log.durableIndex());
            log.awaitDurable(99);
            assertEquals(1, storage.model().syncCount());
            log.awaitDurable(99);
            log.sync();
            assertEquals(1, storage.model().syncCount());
            log.append(BYTES);
            log.awaitWritten(100);
        }

        assertEquals(100, storage.model().provenIndex());
    }

    @Test
    void rollShouldSyncTheSegmentThatIsLeft() {
        AppendLogConfig.Builder config = smallSegments();
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            while (log.stats().rolls() < 3) {
                log.append(new byte[1_000]);
            }
            await("two segments are synced", () -> storage.model().syncCount() >= 2);
            await("that counts", () -> log.durableIndex() >= 0);
        }
    }

    @Test
    void everyBatchShouldBecomeDurableUnasked() {
        try (AppendLog log = open(config().syncPolicy(SyncPolicy.EVERY_BATCH))) {
            for (int i = 0; i < 20; i++) {
                long index = log.append(BYTES);
                await("it is durable", () -> log.durableIndex() >= index);
            }
        }
    }

    @Test
    void intervalShouldSyncWhenItIsOver() {
        AtomicLong nowNs = new AtomicLong();
        AppendLogConfig.Builder config =
                config().syncPolicy(SyncPolicy.interval(Duration.ofSeconds(10)))
                        .nanoClock(nowNs::get);
        ProbedStorage storage = probe(config.build());

        try (AppendLog log = open(storage, config)) {
            for (int i = 1; i <= 5; i++) {
                long index = log.append(BYTES);
                log.awaitWritten(index);
                nowNs.addAndGet(TimeUnit.SECONDS.toNanos(10) - 1);
                long next = log.append(BYTES);
                log.awaitWritten(next);
                assertEquals(i - 1, storage.model().syncCount());
                nowNs.incrementAndGet();
                await("it is durable", () -> log.durableIndex() >= next);
                assertEquals(i, storage.model().syncCount());
            }
            nowNs.addAndGet(TimeUnit.SECONDS.toNanos(100));
            long index = log.append(BYTES);
            log.awaitWritten(index);
            log.awaitDurable(index);
        }
    }

    @Test
    void neverShouldNotSyncAtAll() {
        AppendLogConfig.Builder config = smallSegments().syncPolicy(SyncPolicy.NEVER);
        ProbedStorage storage = probe(config.build());
        AtomicInteger through = new AtomicInteger();
        storage.fault(
                operation -> {
                    through.addAndGet(operation.isThrough() ? 1 : 0);
                    return 0;
                });

        try (AppendLog log = open(storage, config)) {
            long last = 0;
            for (int i = 0; i < 300; i++) {
                last = log.append(new byte[1_000]);
            }
            long index = last;
            assertFails(Code.SYNC_DISABLED, () -> log.awaitDurable(index));
            assertFails(Code.SYNC_DISABLED, () -> log.awaitDurable(0, 1, TimeUnit.SECONDS));
            assertFails(Code.SYNC_DISABLED, log::sync);
            assertFails(Code.SYNC_DISABLED, () -> log.onDurable(durable -> {}));
            log.awaitWritten(index);
            assertEquals(-1, log.durableIndex());
            assertTrue(log.stats().rolls() >= 5);
        }

        assertEquals(0, storage.model().syncCount());
        assertEquals(0, through.get());
        assertEquals(300, readAll().size());
    }
}
