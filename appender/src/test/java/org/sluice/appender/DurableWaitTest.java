package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;

import java.util.concurrent.TimeUnit;

/** Those who wait for an entry to be safe, or to be written. */
final class DurableWaitTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    @Test
    void waitShouldRefuseIndexesThatAreNot() {
        try (AppendLog log = open()) {
            assertThrows(IllegalArgumentException.class, () -> log.awaitDurable(0));
            assertThrows(IllegalArgumentException.class, () -> log.awaitWritten(0));
            log.append(BYTES);
            log.awaitDurable(0);
            log.awaitWritten(0);
            assertThrows(IllegalArgumentException.class, () -> log.awaitDurable(-1));
            assertThrows(IllegalArgumentException.class, () -> log.awaitWritten(-1));
            assertThrows(IllegalArgumentException.class, () -> log.awaitDurable(1));
            assertThrows(
                    IllegalArgumentException.class, () -> log.awaitWritten(1, 1, TimeUnit.DAYS));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> log.awaitDurable(Long.MAX_VALUE, 1, TimeUnit.DAYS));
            assertThrows(NullPointerException.class, () -> log.awaitDurable(0, 1, null));
        }
    }

    @Test
    void waitShouldEndWithItsTime() {
        ProbedStorage storage = probe(config().build());

        try (AppendLog log = open(storage, config())) {
            log.append(BYTES);
            log.sync();
            storage.stall();
            long index = log.append(BYTES);
            assertFalse(log.awaitDurable(index, 5, TimeUnit.MILLISECONDS));
            assertFalse(log.awaitWritten(index, 5, TimeUnit.MILLISECONDS));
            assertFalse(log.awaitWritten(index, 0, TimeUnit.SECONDS));
            assertFalse(log.awaitDurable(index, -1, TimeUnit.SECONDS));
            assertTrue(log.awaitDurable(0, 0, TimeUnit.SECONDS));
            storage.resume();
            assertTrue(log.awaitWritten(index, 1, TimeUnit.DAYS));
            assertTrue(log.awaitDurable(index, Long.MAX_VALUE, TimeUnit.DAYS));
        }
    }

    @Test
    void syncOfAnEmptyLogShouldReturn() {
        try (AppendLog log = open()) {
            log.sync();
            assertEquals(-1, log.durableIndex());
        }
    }

    @Test
    void syncShouldCoverWhatWasAppendedBefore() throws Exception {
        try (AppendLog log = open()) {
            Threads.run(
                    8,
                    producer -> {
                        for (int i = 0; i < 50; i++) {
                            long index = log.append(BYTES);
                            log.sync();
                            assertTrue(log.durableIndex() >= index);
                        }
                    });
        }
    }

    @Test
    void manyShouldWaitForTheirOwn() throws Exception {
        try (AppendLog log = open()) {
            Threads.run(
                    64,
                    producer -> {
                        for (int i = 0; i < 20; i++) {
                            long index = log.append(BYTES);
                            log.awaitDurable(index);
                            assertTrue(log.durableIndex() >= index);
                        }
                    });
            long syncs = log.stats().syncs();
            assertTrue(syncs < 64 * 20, () -> syncs + " syncs: nobody shared one");
        }
    }

    @Test
    void waitShouldBeInterruptible() throws Exception {
        ProbedStorage storage = probe(config().build());

        try (AppendLog log = open(storage, config())) {
            storage.stall();
            long index = log.append(BYTES);
            Threads waiting =
                    Threads.start(
                            2,
                            number ->
                                    assertFails(
                                            Code.INTERRUPTED,
                                            () -> {
                                                if (number == 0) {
                                                    log.awaitDurable(index);
                                                } else {
                                                    log.awaitWritten(index);
                                                }
                                            }));
            await("they wait", waiting::areParked);
            waiting.get(0).interrupt();
            waiting.get(1).interrupt();
            waiting.join();
            storage.resume();
            log.awaitDurable(index);
        }
    }

    /** Else the one who is to commit could wait for it himself, and for ever. */
    @Test
    void openClaimShouldNotHoldUpWhatIsBeforeIt() throws Exception {
        EntryClaim claim = new EntryClaim();

        try (AppendLog log = open()) {
            log.append(BYTES);
            log.claim(1, claim);
            long behind = log.append(BYTES);
            Threads waiting = Threads.start(1, number -> log.awaitDurable(behind));
            await("it waits", waiting::areParked);
            assertTrue(log.awaitDurable(0, 20, TimeUnit.SECONDS));
            claim.commit();
            waiting.join();
        }
    }
}
