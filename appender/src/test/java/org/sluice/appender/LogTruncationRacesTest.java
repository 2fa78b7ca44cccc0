package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A truncation against everything that may go on meanwhile. */
final class LogTruncationRacesTest extends LogTruncationFixture {
    @Test
    void appendsMeanwhileShouldWaitForATruncation() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong appended = new AtomicLong();

        try (AppendLog log = open(smallSegments())) {
            append(log, 50);
            Threads producers =
                    Threads.start(
                            4,
                            producer -> {
                                byte[] entry = new byte[producer % 2 == 0 ? 20 : 200];
                                while (!isOver.get()) {
                                    log.append(entry);
                                    appended.incrementAndGet();
                                    long index = log.tryAppend(entry);
                                    assertTrue(index >= AppendLog.BACK_PRESSURED, "" + index);
                                }
                            });
            for (int i = 0; i < 5; i++) {
                long enough = appended.get() + 100;
                await("more is appended", () -> appended.get() > enough);
                log.truncateAfter(49);
                assertTrue(log.nextIndex() >= 50);
            }
            isOver.set(true);
            producers.join();
            log.truncateAfter(49);
        }

        assertHolds(0, 50);
    }

    /** Who ends a run claims a slot that is no entry. */
    @Test
    void syncMeanwhileShouldNeverThrow() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();

        try (AppendLog log = open(smallSegments())) {
            append(log, 10);
            Threads syncing =
                    Threads.start(
                            2,
                            number -> {
                                while (!isOver.get()) {
                                    log.sync();
                                }
                            });
            for (int i = 0; i < 100; i++) {
                append(log, 1);
                log.truncateAfter(9);
            }
            isOver.set(true);
            syncing.join();
        }

        assertHolds(0, 10);
    }

    /** The truncation waits for the writer thread, on which listeners run. */
    @Test
    void listenerShouldAppendDuringATruncation() {
        try (AppendLog log = open(smallSegments())) {
            append(log, 10);
            log.onDurable(
                    index -> {
                        long code = log.tryAppend(new byte[1]);
                        assertTrue(code >= AppendLog.BACK_PRESSURED, "" + code);
                        if (code == AppendLog.BACK_PRESSURED) {
                            assertFails(Code.BACK_PRESSURED, () -> log.append(new byte[1]));
                        }
                    });
            append(log, 1);
            log.truncateAfter(9);
            assertEquals(0, log.stats().listenerFailures());
        }
        assertTrue(readAll().size() >= 10);
    }

    @Test
    void truncateAfterShouldRefuseToWaitForClaimsForEver() {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open(config().closeTimeout(Duration.ofMillis(100)))) {
            append(log, 5);
            log.claim(1, claim);

            AppendException thrown = assertFails(Code.BACK_PRESSURED, () -> log.truncateAfter(2));

            assertTrue(thrown.getMessage().contains("index 5 "), thrown.getMessage());
            claim.abort();
            append(log, 5);
            log.truncateAfter(2);
            append(log, 1);
        }
        assertHolds(0, 4);
    }

    @Test
    void interruptedTruncationShouldLeaveTheLogAsItIs() throws Exception {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            append(log, 5);
            log.claim(1, claim);
            Threads truncating =
                    Threads.start(
                            1, number -> assertFails(Code.INTERRUPTED, () -> log.truncateAfter(2)));
            await("it waits", truncating::areParked);
            truncating.get(0).interrupt();
            truncating.join();
            claim.abort();
            append(log, 1);
        }

        assertEquals(6, readAll().size());
    }

    @Test
    void appendWaitingForATruncationShouldBeInterruptible() throws Exception {
        AppendLogConfig.Builder config = config();
        ProbedStorage storage = probe(config.build());
        AtomicBoolean isInside = new AtomicBoolean();
        AtomicBoolean mayGoOn = new AtomicBoolean();
        AppendLog log = open(storage, config);
        append(log, 10);
        log.sync();
        storage.probedDirectory()
                .fault(
                        (act, name) -> {
                            if (act == Act.CREATE
                                    && Thread.currentThread().getName().equals("test-0")) {
                                isInside.set(true);
                                await("the test goes on", mayGoOn::get);
                            }
                        });

        Threads truncating = Threads.start(1, number -> log.truncateAfter(4));
        await("it truncates", isInside::get);
        Threads appending =
                Threads.start(
                        1, number -> assertFails(Code.INTERRUPTED, () -> log.append(bytes(0))));
        await("it waits", appending::areParked);
        assertEquals(AppendLog.BACK_PRESSURED, log.tryAppend(bytes(0)));
        appending.get(0).interrupt();
        appending.join();
        mayGoOn.set(true);
        truncating.join();
        append(log, 1);
        log.close();

        assertHolds(0, 6);
    }
}
