package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.store.Errno;
import org.sluice.store.Preallocation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The zeros that go with a batch that someone waits for, and that nothing is lost to them. */
final class ZerosBehindTest extends LogFixture {
    private static final int ZEROS_ALIGN_BYTES = 128 * 1024;
    private static final int ENTRY_BYTES = 3_000;

    /** Batches of one entry each: about 350 KiB. */
    private static final int ENTRIES = 100;

    private final Ledger ledger = new Ledger();

    @Test
    void oneBatchShouldBringZerosForManyThatFollow() throws Exception {
        List<ProbedIo.Operation> writes = writesOf(largeBlocks());

        long writtenTo = 0;
        int withZeros = 0;
        for (int i = 0; i < writes.size() - 1; i++) {
            long end = writes.get(i).position() + writes.get(i).length();
            long batchEnd = writes.get(i + 1).position();
            withZeros += end > batchEnd ? 1 : 0;
            // The first may go beside its segment's header, and then brings none.
            if (batchEnd > writtenTo && i > 0) {
                assertEquals(0, end % ZEROS_ALIGN_BYTES, writes.get(i)::toString);
            } else if (i > 0) {
                assertEquals(batchEnd, end, writes.get(i)::toString);
            }
            writtenTo = Math.max(writtenTo, end);
        }
        assertTrue(withZeros == 3 || withZeros == 4, withZeros + " of 100 batches had zeros");
    }

    @ParameterizedTest
    @EnumSource(
            value = Preallocation.class,
            names = {"AUTO"},
            mode = EnumSource.Mode.EXCLUDE)
    void onlyAutoShouldBringZeros(Preallocation preallocation) throws Exception {
        List<ProbedIo.Operation> writes = writesOf(largeBlocks().preallocate(preallocation));

        for (int i = 0; i < writes.size() - 1; i++) {
            long end = writes.get(i).position() + writes.get(i).length();
            assertEquals(writes.get(i + 1).position(), end, writes.get(i)::toString);
        }
    }

    /** They would be written over it, sooner or later. */
    @Test
    void nothingShouldBeSubmittedToWhereZerosAreOnTheirWay() throws Exception {
        ProbedStorage storage = probe(parking().build());
        AtomicInteger looks = new AtomicInteger();
        storage.hold(
                operation -> {
                    looks.incrementAndGet();
                    return operation.entryCount() > 0;
                });

        try (AppendLog log = open(storage, parking())) {
            await("the segment's header is written", () -> looks.get() > 0);
            Threads first = appendAwaited(log, 0);
            await("the first is submitted", () -> storage.batchCount() == 1);
            Threads second = appendAwaited(log, 1);
            int before = looks.get();
            await("the writer takes many turns", () -> looks.get() > before + 20);
            assertEquals(1, storage.batchCount());

            storage.resume();
            first.join();
            second.join();
            assertEquals(2, storage.batchCount());
        }

        ledger.assertHeldBy(readAll());
    }

    /** With no room for zeros there may be some for entries, and nobody is told of a full disk. */
    @Test
    void batchShouldGoAloneWhereTheDiskHasNoRoomForItsZeros() throws Exception {
        ProbedStorage storage = probe(parking().build());
        AtomicInteger refused = new AtomicInteger();

        try (AppendLog log = open(storage, parking())) {
            storage.fault(
                    operation -> {
                        boolean isLong = operation.length() > 2 * ENTRY_BYTES;
                        refused.addAndGet(isLong ? 1 : 0);
                        return isLong ? Errno.ENOSPC : 0;
                    });
            appendAll(log);
            assertEquals(1, refused.get(), "zeros are tried once in a segment");
            assertFalse(log.stats().isDiskFull());
        }

        ledger.assertHeldBy(readAll());
    }

    /** The writes of batches of one entry each, for all of which someone waits. */
    private List<ProbedIo.Operation> writesOf(AppendLogConfig.Builder config) throws Exception {
        ProbedStorage storage = probe(config.build());
        ConcurrentLinkedQueue<ProbedIo.Operation> writes = new ConcurrentLinkedQueue<>();
        try (AppendLog log = open(storage, config)) {
            storage.fault(
                    operation -> {
                        if (operation.kind() == Kind.WRITE && operation.entryCount() > 0) {
                            writes.add(operation);
                        }
                        return 0;
                    });
            appendAll(log);
        }
        ledger.assertHeldBy(readAll());
        assertEquals(ENTRIES, writes.size());
        return new ArrayList<>(writes);
    }

    private void appendAll(AppendLog log) throws Exception {
        for (int i = 0; i < ENTRIES; i++) {
            appendAwaited(log, i).join();
        }
    }

    /** Appends an entry that cannot be gathered before a thread waits for it; that thread. */
    private Threads appendAwaited(AppendLog log, int number) {
        EntryClaim claim = new EntryClaim();
        long index = log.claim(ENTRY_BYTES, claim);
        Threads waiting = Threads.start(1, thread -> log.awaitDurable(index));
        await("someone waits", waiting::areParked);
        claim.buffer().putBytes(0, Entry.payload(0, number, ENTRY_BYTES));
        claim.commit();
        ledger.appended(index, 0, number, ENTRY_BYTES);
        return waiting;
    }

    /** Whoever waits parks at once, so that the test can see it. */
    private AppendLogConfig.Builder parking() {
        return config().awaitYield(Duration.ZERO);
    }

    private AppendLogConfig.Builder largeBlocks() {
        return parking().blockBytes(256 * 1024);
    }
}
