package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.appender.ProbedIo.Operation;
import org.sluice.store.Preallocation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The counters say what the disk saw and what producers did. */
final class LogStatsTest extends LogFixture {
    private static final int ENTRIES = 500;
    private static final byte[] BYTES = {1, 2, 3};

    @Test
    void countersShouldAgreeWithTheDisk() throws Exception {
        List<Operation> operations = new CopyOnWriteArrayList<>();
        AppendLogConfig.Builder small =
                config().segmentBytes(128 * 1024).preallocate(Preallocation.RESERVE);
        ProbedStorage storage = probe(small.build());
        storage.fault(
                operation -> {
                    operations.add(operation);
                    return 0;
                });
        LogStats stats;
        long payloadBytes = 0;

        try (AppendLog log = open(storage, small)) {
            for (int i = 0; i < ENTRIES; i++) {
                int length = i * 7 % 2_000;
                log.append(Entry.payload(0, i, length));
                payloadBytes += length;
            }
            log.sync();
            stats = log.stats();
        }

        assertEquals(ENTRIES, stats.entries());
        assertEquals(payloadBytes, stats.payloadBytes());
        List<Operation> batches =
                operations.stream().filter(operation -> operation.entryCount() > 0).toList();
        assertEquals(batches.size(), stats.batches());
        assertEquals(batches.stream().mapToLong(Operation::length).sum(), stats.diskBytes());
        assertTrue(stats.diskBytes() > payloadBytes);
        assertEquals(ENTRIES, batches.stream().mapToLong(Operation::entryCount).sum());
        assertTrue(stats.rolls() > 1, () -> stats.rolls() + " rolls");
        assertEquals(headers(operations), stats.rolls());
        assertHistogram(stats.batchEntries(), stats.batches(), ENTRIES);
        assertEquals(stats.syncs(), stats.syncNs().getTotalCount());
        assertTrue(stats.syncs() > 0, "nothing was synced");
        assertTrue(stats.syncs() <= syncs(operations));
    }

    @Test
    void segmentsAheadShouldBecomeReadyUnasked() {
        AppendLogConfig.Builder ahead =
                config().segmentBytes(128 * 1024).preallocate(Preallocation.ZERO).segmentsAhead(6);

        try (AppendLog log = open(ahead)) {
            await("one is written to, six are ready", () -> log.stats().segmentsReady() == 6);
            log.append(BYTES);
            log.sync();
            assertEquals(6, log.stats().segmentsReady());
        }

        assertEquals(List.of(new Entry(0, BYTES)), readAll());
    }

    @Test
    void abortedEntriesShouldCountWithoutBytes() {
        try (AppendLog log = open()) {
            EntryClaim claim = new EntryClaim();
            log.append(BYTES);
            log.claim(40, claim);
            claim.abort();
            log.sync();

            assertEquals(2, log.stats().entries());
            assertEquals(BYTES.length, log.stats().payloadBytes());
        }
    }

    @Test
    void histogramsShouldCountFromOpenNotFromTheLastLook() {
        try (AppendLog log = open()) {
            for (int i = 1; i <= 5; i++) {
                log.append(BYTES);
                log.sync();
                LogStats stats = log.stats();
                assertEquals(i, stats.entries());
                assertHistogram(stats.batchEntries(), i, i);
            }
        }

        try (AppendLog again = open()) {
            LogStats stats = again.stats();
            assertEquals(0, stats.entries());
            assertEquals(0, stats.batches());
            assertEquals(0, stats.batchEntries().getTotalCount());
        }
    }

    @Test
    void droppedEntriesShouldBeCounted() {
        AppendLogConfig.Builder dropping = config().slotCount(4).backPressure(BackPressure.DROP);
        ProbedStorage storage = probe(dropping.build());

        try (AppendLog log = open(storage, dropping)) {
            EntryClaim claim = new EntryClaim();
            long first = log.claim(BYTES.length, claim);
            claim.buffer().putBytes(0, BYTES);
            // Nothing behind an open claim is taken, so three slots are left.
            int dropped = 0;
            for (int i = 0; i < 10; i++) {
                dropped += log.append(BYTES) == AppendLog.BACK_PRESSURED ? 1 : 0;
            }
            assertEquals(7, dropped);
            assertEquals(dropped, log.stats().drops());
            assertEquals(0, log.stats().waits());
            claim.commit();
            log.sync();

            assertEquals(0, first);
            assertEquals(4, log.nextIndex());
            assertEquals(4, log.stats().entries());
            assertEquals(dropped, log.stats().drops());
        }
    }

    @Test
    void waitingAppendsShouldBeCountedOnceEach() throws Exception {
        int waiting = 3;

        try (AppendLog log = open(config().slotCount(4))) {
            EntryClaim claim = new EntryClaim();
            log.claim(BYTES.length, claim);
            claim.buffer().putBytes(0, BYTES);
            for (int i = 0; i < 3; i++) {
                log.append(BYTES);
            }
            assertEquals(0, log.stats().waits());
            Threads threads = Threads.start(waiting, number -> log.append(BYTES));
            await("all wait for a slot", () -> log.stats().waits() == waiting);
            claim.commit();
            threads.join();
            log.sync();

            assertEquals(4 + waiting, log.stats().entries());
            assertEquals(waiting, log.stats().waits());
            assertEquals(0, log.stats().drops());
        }
    }

    @Test
    void failingListenersShouldBeCounted() {
        try (CapturedMessages messages = new CapturedMessages();
                AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        throw new IllegalStateException("a listener that throws");
                    });
            log.append(BYTES);
            await("the listener was called", () -> log.stats().listenerFailures() == 1);
            log.append(BYTES);
            log.sync();

            await("the listener was called again", () -> log.stats().listenerFailures() == 2);
            assertEquals(2, log.stats().entries());
            await("both were reported", () -> messages.records().size() == 2);
        }
    }

    @Test
    void toStringShouldFitAScreen() {
        Histogram batchEntries = new Histogram(1L << 30, 2);
        Histogram syncNs = new Histogram(1L << 30, 2);
        for (int i = 1; i <= 100; i++) {
            batchEntries.recordValue(i);
        }
        LogStats stats =
                new LogStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, true, 11, 12, batchEntries, syncNs);

        List<String> lines = stats.toString().lines().toList();

        assertEquals(
                List.of(
                        "LogStats[entries=1, payloadBytes=2, diskBytes=3, batches=4, syncs=5,",
                        "  rolls=6, rollWaits=7, waits=8, drops=9, listenerFailures=10,",
                        "  isDiskFull=true, sealedSegments=11, segmentsReady=12,",
                        "  batchEntries: count=100, p50=50 entries, p99=99 entries,"
                                + " p99.9=100 entries, max=100 entries,",
                        "  syncNs: count=0, p50=0 ns, p99=0 ns, p99.9=0 ns, max=0 ns]"),
                lines);
    }

    private static long headers(List<Operation> operations) {
        return operations.stream()
                .filter(operation -> operation.kind() == Kind.WRITE && operation.position() == 0)
                .count();
    }

    private static long syncs(List<Operation> operations) {
        return operations.stream().filter(operation -> operation.kind() == Kind.SYNC).count();
    }

    /** As many values as batches, and together as many entries, within the histogram's digits. */
    private static void assertHistogram(Histogram batchEntries, long batches, long entries) {
        assertEquals(batches, batchEntries.getTotalCount());
        assertEquals(
                (double) entries,
                batchEntries.getMean() * batches,
                0.01 * entries,
                "entries of batches");
    }
}
