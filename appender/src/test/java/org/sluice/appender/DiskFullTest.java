package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Preallocation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A disk that is really full: nothing accepted is lost, and the log goes on by itself. */
final class DiskFullTest extends SmallFilesystemFixture {
    private static final long DISK_BYTES = 8L << 20;
    private static final int ENTRY_BYTES = 60;
    private static final int ENTRIES_MAX = 200_000;
    private static final int TRIES_MAX = 20_000_000;

    /** Where the log is when there is no more room. */
    enum Place {
        /** The next batch has no blocks. */
        INSIDE_A_SEGMENT(Preallocation.SPARSE),
        /** The next segment can't be made; those there are have their blocks. */
        AT_A_ROLL(Preallocation.RESERVE);

        private final Preallocation preallocation;

        Place(Preallocation preallocation) {
            this.preallocation = preallocation;
        }
    }

    private final Ledger ledger = new Ledger();

    DiskFullTest() {
        super(DISK_BYTES);
    }

    @ParameterizedTest
    @EnumSource
    void failShouldRefuseUntilThereIsSpace(Place place) throws Exception {
        try (AppendLog log = open(config(place))) {
            long durable = append(log, 10);
            log.awaitDurable(durable);
            fill(log, place);

            long last = appendUntilFull(log);

            assertFails(Code.DISK_FULL, () -> log.append(new byte[1]));
            assertFails(Code.DISK_FULL, () -> log.append(new byte[1_000]));
            assertFails(Code.DISK_FULL, () -> log.claim(1, new EntryClaim()));
            assertEquals(AppendLog.DISK_FULL, log.tryAppend(new byte[1]));
            assertEquals(AppendLog.DISK_FULL, log.tryAppend(new byte[1_000]));
            assertEquals(AppendLog.DISK_FULL, log.tryClaim(1, new EntryClaim()));
            assertFails(Code.DISK_FULL, () -> log.awaitDurable(last));
            assertFails(Code.DISK_FULL, log::sync);
            assertTrue(log.stats().isDiskFull());
            assertTrue(log.durableIndex() >= durable && log.durableIndex() < last);
            ledger.assertHeldBy(readAll(), log.durableIndex());

            free();
            assertGoesOn(log, last);
        }

        ledger.assertHeldBy(readAll());
    }

    private void assertGoesOn(AppendLog log, long last) {
        await("all that was accepted is written", () -> log.writtenIndex() >= last);
        await("the disk counts as free", () -> !log.stats().isDiskFull());
        assertEquals(last + 1, append(log, 1));
        log.awaitDurable(last + 1);
        append(log, 1_000);
    }

    @ParameterizedTest
    @EnumSource
    void waitShouldLetProducersGoOnWhenThereIsSpace(Place place) throws Exception {
        try (AppendLog log = open(config(place).diskFull(DiskFull.WAIT))) {
            log.awaitDurable(append(log, 10));
            fill(log, place);

            AtomicBoolean isEnough = new AtomicBoolean();
            Threads producers =
                    Threads.start(
                            4,
                            producer -> {
                                for (int i = 0; !isEnough.get(); i++) {
                                    ledger.append(log, producer + 1, i, ENTRY_BYTES);
                                }
                                log.sync();
                            });
            await("the disk is full", () -> log.stats().isDiskFull());
            await("no slot is free", () -> tryAppend(log) == AppendLog.BACK_PRESSURED);
            long last = log.nextIndex() - 1;
            assertFalse(log.awaitDurable(last, 1, TimeUnit.MILLISECONDS));
            assertFalse(log.awaitWritten(last, 1, TimeUnit.MILLISECONDS));
            isEnough.set(true);
            free();

            producers.join();
            assertEquals(ledger.size(), log.durableIndex() + 1);
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @Test
    void fullDiskShouldComeAndGo() throws Exception {
        try (AppendLog log = open(config(Place.INSIDE_A_SEGMENT))) {
            for (int round = 0; round < 5; round++) {
                log.awaitDurable(append(log, 10 * round + 1));
                fill(log, Place.INSIDE_A_SEGMENT);
                long last = appendUntilFull(log);
                free();
                assertGoesOn(log, last);
            }
        }

        ledger.assertHeldBy(readAll());
    }

    @Test
    void waitersShouldBeToldThatTheDiskIsFull() throws Exception {
        try (AppendLog log = open(config(Place.INSIDE_A_SEGMENT))) {
            log.awaitDurable(append(log, 10));
            EntryClaim claim = new EntryClaim();
            long claimed = log.claim(ENTRY_BYTES, claim);
            Threads waiters =
                    Threads.start(
                            4,
                            waiter -> assertFails(Code.DISK_FULL, () -> log.awaitDurable(claimed)));
            await("all wait", waiters::areParked);
            fill(log, Place.INSIDE_A_SEGMENT);

            // With the claim one batch, which is too long for what its last page has left.
            long last = append(log, 200);
            claim.abort();

            waiters.join();
            free();
            assertGoesOn(log, last);
            log.awaitDurable(claimed);
        }

        ledger.assertHeldBy(readAll());
    }

    @ParameterizedTest
    @EnumSource
    void closeShouldGiveUpAndKeepWhatWasAcknowledged(Place place) throws Exception {
        AppendLog log = open(config(place).closeTimeout(Duration.ofMillis(300)));
        log.awaitDurable(append(log, 10));
        fill(log, place);
        appendUntilFull(log);

        long startNs = System.nanoTime();
        AppendException thrown = assertFails(Code.FAILED, log::close);
        long tookNs = System.nanoTime() - startNs;

        assertTrue(thrown.getMessage().contains("PT0.3S"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("the disk is full"), thrown.getMessage());
        assertTrue(tookNs < DEADLINE_NS, () -> "close took " + tookNs + " ns");
        long durable = log.durableIndex();
        assertTrue(durable >= 9);
        ledger.assertHeldBy(readAll(), durable);
        free();
        assertKept(place, durable);
    }

    private void assertKept(Place place, long durable) {
        try (AppendLog again = open(config(place))) {
            assertTrue(again.nextIndex() > durable);
            again.truncateAfter(durable);
            assertEquals(durable + 1, again.append(Entry.payload(9, 9, ENTRY_BYTES)));
        }
        List<Entry> entries = readAll();
        assertEquals(
                new Entry(durable + 1, Entry.payload(9, 9, ENTRY_BYTES)), entries.removeLast());
        ledger.assertHeldBy(entries, durable);
        assertEquals(durable + 1, entries.size());
    }

    @Test
    void closeShouldFinishIfSpaceComesInTime() throws Exception {
        AppendLog log = open(config(Place.INSIDE_A_SEGMENT));
        log.awaitDurable(append(log, 10));
        fill(log, Place.INSIDE_A_SEGMENT);
        appendUntilFull(log);

        Threads closing = Threads.start(1, thread -> log.close());
        await("it is closing", () -> log.tryAppend(new byte[1]) == AppendLog.CLOSED);
        free();

        closing.join();
        ledger.assertHeldBy(readAll());
    }

    /** The empty batch that marks an orderly end is a short cut for the next open, no more. */
    @Test
    void closeShouldNotFailForTheMarkAlone() throws Exception {
        AppendLog log = open(config(Place.INSIDE_A_SEGMENT).closeTimeout(Duration.ofMillis(300)));
        log.awaitDurable(append(log, 10));
        fill(log, Place.INSIDE_A_SEGMENT);
        // One by one, so that in the end all that was accepted is durable.
        appendOneByOneUntilFull(log);
        free();
        await("the disk counts as free", () -> !log.stats().isDiskFull());
        log.sync();
        fill(log, Place.INSIDE_A_SEGMENT);

        log.close();

        ledger.assertHeldBy(readAll());
        free();
        try (AppendLog again = open(config(Place.INSIDE_A_SEGMENT))) {
            assertEquals(ledger.size(), again.nextIndex());
        }
    }

    private void appendOneByOneUntilFull(AppendLog log) {
        AppendException thrown =
                assertThrows(
                        AppendException.class,
                        () -> {
                            for (int i = 0; i < ENTRIES_MAX; i++) {
                                log.awaitDurable(append(log, 1));
                            }
                        });
        assertEquals(Code.DISK_FULL, thrown.code(), thrown.getMessage());
        assertEquals(directory(), thrown.file());
    }

    @Test
    void openShouldSayThatTheDiskIsFull() throws Exception {
        ballast();

        AppendException thrown = assertFails(Code.DISK_FULL, this::open);

        assertTrue(thrown.getMessage().contains("full"), thrown.getMessage());
        assertEquals(directory(), thrown.file());
        free();
        try (AppendLog log = open()) {
            append(log, 1);
        }
        ledger.assertHeldBy(readAll());
    }

    // ---- what the tests do ----

    private AppendLogConfig.Builder config(Place place) {
        return config().preallocate(place.preallocation);
    }

    private long append(AppendLog log, int count) {
        return ledger.appendMore(log, count, ENTRY_BYTES);
    }

    private long tryAppend(AppendLog log) {
        return ledger.tryAppend(log, 0, ledger.size(), ENTRY_BYTES);
    }

    /** Returns the last index that was accepted. */
    private long appendUntilFull(AppendLog log) {
        long last = -1;
        long index = 0;
        for (int i = 0; index != AppendLog.DISK_FULL; i++) {
            assertTrue(i < TRIES_MAX, "the disk is never full");
            index = tryAppend(log);
            if (index >= 0) {
                last = index;
            } else if (index == AppendLog.BACK_PRESSURED) {
                Thread.onSpinWait();
            }
        }
        return last;
    }

    /** Leaves no block free, once the next segment is there. */
    private void fill(AppendLog log, Place place) throws IOException {
        await(
                "the next segment is ready",
                () -> segmentFiles() >= log.stats().sealedSegments() + 2);
        ballast();
        if (place == Place.INSIDE_A_SEGMENT) {
            assertEquals(0, Files.getFileStore(root()).getUsableSpace());
        }
    }

    private void ballast() throws IOException {
        ByteBuffer page = ByteBuffer.allocate(4096);
        try (FileChannel file =
                FileChannel.open(
                        root().resolve("ballast"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            IOException full =
                    assertThrows(
                            IOException.class,
                            () -> {
                                for (long i = 0; i <= DISK_BYTES / 4096; i++) {
                                    file.write(page.clear());
                                }
                            });
            assertTrue(full.getMessage().contains("space"), full.getMessage());
        }
    }

    private void free() throws IOException {
        Files.delete(root().resolve("ballast"));
    }
}
