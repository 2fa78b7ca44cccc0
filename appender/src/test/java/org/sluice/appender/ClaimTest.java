package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException.Code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Entries written in place. */
final class ClaimTest extends LogFixture {
    private static final int MAX_ENTRY_BYTES = 16 * 1024;

    /** 64 bytes are inline, more are not. */
    @ParameterizedTest
    @ValueSource(ints = {64, 1_000})
    void commitOfFewerBytesShouldKeepThose(int claimed) {
        byte[] bytes = {1, 2, 3};

        try (AppendLog log = open()) {
            EntryClaim claim = new EntryClaim();
            log.claim(claimed, claim);
            claim.buffer().setMemory(0, claimed, (byte) 9);
            claim.buffer().putBytes(0, bytes);
            assertThrows(IndexOutOfBoundsException.class, () -> claim.commit(claimed + 1));
            assertThrows(IndexOutOfBoundsException.class, () -> claim.commit(-1));
            assertTrue(claim.isOpen());
            claim.commit(bytes.length);
            assertFalse(claim.isOpen());
            assertThrows(IllegalStateException.class, () -> claim.commit(0));
            log.claim(claimed, claim);
            claim.commit(0);
        }

        assertEquals(List.of(new Entry(0, bytes), new Entry(1, new byte[0])), readAll());
    }

    @Test
    void claimsShouldMixWithAppendsOfManyThreads() throws Exception {
        Ledger ledger = new Ledger();
        AtomicInteger aborted = new AtomicInteger();

        try (AppendLog log = open()) {
            Threads.run(
                    4,
                    producer -> {
                        EntryClaim claim = new EntryClaim();
                        for (int i = 0; i < 600; i++) {
                            int length = i % 7 == 0 ? 65 + i : i % 65;
                            byte[] bytes = Entry.payload(producer, i, length);
                            if (i % 3 == 0) {
                                ledger.appended(log.append(bytes), producer, i, length);
                                continue;
                            }
                            long index = log.claim(length, claim);
                            assertEquals(index, claim.index());
                            assertEquals(length, claim.length());
                            claim.buffer().putBytes(0, bytes);
                            if (i % 3 == 1) {
                                ledger.appended(index, producer, i, length);
                                claim.commit();
                            } else {
                                aborted.incrementAndGet();
                                claim.abort();
                            }
                        }
                    });
            log.sync();
            assertEquals(2_400, log.nextIndex());
        }

        assertEquals(2_400, ledger.size() + aborted.get());
        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @ParameterizedTest
    @EnumSource(Producers.class)
    void abortedEntryShouldKeepItsIndex(Producers producers) {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open(config().producers(producers))) {
            assertEquals(0, log.append(new byte[] {7}));
            assertEquals(1, log.claim(10, claim));
            claim.abort();
            assertEquals(2, log.tryClaim(0, claim));
            claim.commit();
            assertEquals(3, log.tryClaim(1_000, claim));
            claim.abort();
            log.sync();
            assertEquals(3, log.durableIndex());
            try (LogReader reader = log.openReader()) {
                assertFails(Code.ENTRY_ABORTED, () -> reader.read(1, (b, o, l, i, t) -> {}));
                assertFails(Code.ENTRY_ABORTED, () -> reader.read(3, (b, o, l, i, t) -> {}));
                assertEquals(2, drain(reader).size());
            }
        }

        assertEquals(new Entry(2, new byte[0]), readAll().get(1));
        try (AppendLog again = open()) {
            assertEquals(4, again.nextIndex());
        }
    }

    @Test
    void abortedClaimShouldGiveItsLongBufferBack() {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open(config().overflowCount(1))) {
            for (int i = 0; i < 500; i++) {
                log.claim(MAX_ENTRY_BYTES, claim);
                claim.abort();
            }
            log.append(new byte[MAX_ENTRY_BYTES]);
        }

        assertEquals(1, readAll().size());
    }

    @Test
    void openClaimShouldHoldBackWhatFollowsIt() throws Exception {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            log.claim(3, claim);
            Threads.run(1, number -> log.append(new byte[1]));
            assertFalse(log.awaitWritten(1, 20, TimeUnit.MILLISECONDS));
            assertEquals(-1, log.writtenIndex());
            claim.buffer().putBytes(0, new byte[] {1, 2, 3});
            claim.commit();
            log.awaitWritten(1);
        }

        assertEquals(new Entry(0, new byte[] {1, 2, 3}), readAll().getFirst());
    }

    /** Publishing the later entry would publish the claimed one, whatever is in its slot. */
    @ParameterizedTest(name = "{0} slots")
    @ValueSource(ints = {4, 256})
    void singleProducerShouldEndItsClaimFirst(int slotCount) {
        AppendLogConfig.Builder config =
                config().producers(Producers.SINGLE).slotCount(slotCount).overflowCount(1);
        EntryClaim claim = new EntryClaim();
        EntryClaim another = new EntryClaim();
        List<Entry> expected = new ArrayList<>();

        try (AppendLog log = open(config)) {
            for (int i = 0; i < 100; i++) {
                byte[] bytes = Entry.payload(0, i, 30);
                long index = log.claim(bytes.length, claim);
                assertThrows(IllegalStateException.class, () -> log.append(bytes));
                assertThrows(IllegalStateException.class, () -> log.tryAppend(bytes));
                assertThrows(IllegalStateException.class, () -> log.append(new byte[1_000]));
                assertThrows(IllegalStateException.class, () -> log.claim(1, another));
                assertThrows(IllegalStateException.class, () -> log.tryClaim(1_000, another));
                claim.buffer().putBytes(0, bytes);
                claim.commit();
                expected.add(new Entry(index, bytes));
                expected.add(new Entry(log.append(new byte[1_000]), new byte[1_000]));
            }
            // Not so if its claim has the only buffer for long entries either.
            long index = log.claim(1_000, claim);
            assertThrows(IllegalStateException.class, () -> log.append(new byte[1_000]));
            assertThrows(IllegalStateException.class, () -> log.tryClaim(1_000, another));
            claim.buffer().setMemory(0, 1_000, (byte) 7);
            claim.commit();
            byte[] sevens = new byte[1_000];
            Arrays.fill(sevens, (byte) 7);
            expected.add(new Entry(index, sevens));
            assertEquals(201, log.nextIndex());
        }

        assertEquals(expected, readAll());
    }

    @Test
    void singleProducersOpenClaimShouldNotHoldUpClose() {
        EntryClaim claim = new EntryClaim();

        AppendLog log = open(config().producers(Producers.SINGLE));
        log.append(new byte[] {7});
        assertEquals(1, log.claim(1, claim));
        assertEquals(1, log.nextIndex());
        log.close();
        claim.commit();

        assertEquals(List.of(new Entry(0, new byte[] {7})), readAll());
    }

    @Test
    void claimShouldBeUsedForOneEntryAtATime() {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            assertThrows(IllegalStateException.class, claim::commit);
            assertThrows(IllegalStateException.class, claim::abort);
            log.claim(3, claim);
            assertThrows(IllegalStateException.class, () -> log.claim(3, claim));
            assertThrows(IllegalStateException.class, () -> log.tryClaim(3, claim));
            claim.commit();
            assertThrows(IllegalStateException.class, claim::commit);
            assertThrows(IllegalStateException.class, claim::abort);
            assertEquals(0, claim.buffer().capacity());
            assertEquals(1, log.nextIndex());
        }
    }

    @Test
    void claimShouldRefuseBadArguments() {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            assertThrows(IllegalArgumentException.class, () -> log.claim(-1, claim));
            assertThrows(IllegalArgumentException.class, () -> log.tryClaim(-1, claim));
            assertThrows(NullPointerException.class, () -> log.claim(1, null));
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.claim(MAX_ENTRY_BYTES + 1, claim));
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.tryClaim(MAX_ENTRY_BYTES + 1, claim));
            assertEquals(0, log.nextIndex());
            assertEquals(0, log.claim(MAX_ENTRY_BYTES, claim));
            claim.abort();
        }
    }
}
