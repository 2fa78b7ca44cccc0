package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Listeners and handlers that block or throw: the log loses nothing and goes on. */
final class SlowCallersTest extends LogFixture {
    private static final int ENTRIES = 500;

    private final Ledger ledger = new Ledger();
    private final CountDownLatch isLetGo = new CountDownLatch(1);
    private final CountDownLatch isInside = new CountDownLatch(1);

    /** It holds the writer up, as it is told not to: producers feel it, and nothing else comes. */
    @Test
    void blockingListenerShouldHoldTheLogUpAndLoseNothing() throws Exception {
        try (AppendLog log = open()) {
            AtomicLong told = new AtomicLong(-1);
            log.onDurable(
                    index -> {
                        block();
                        told.set(index);
                    });
            append(log, 0, 1);
            assertTrue(isInside.await(DEADLINE_NS, TimeUnit.NANOSECONDS));

            while (tryAppend(log)) {
                // Until every slot is taken.
            }
            long last = log.nextIndex() - 1;
            assertTrue(!log.awaitDurable(last, 1, TimeUnit.MILLISECONDS));
            isLetGo.countDown();

            log.awaitDurable(last);
            await("it is told of the last", () -> told.get() == last);
        }

        ledger.assertHeldBy(readAll());
    }

    @Test
    void blockingHandlerShouldHoldUpNobodyElse() throws Exception {
        try (AppendLog log = open(config().segmentBytes(128 * 1024));
                LogReader other = log.openReader()) {
            append(log, 0, 1);
            log.sync();
            List<Long> seen = new ArrayList<>();
            Threads reading =
                    Threads.start(
                            1,
                            thread -> {
                                try (LogReader slow = log.openReader()) {
                                    while (seen.size() < ENTRIES + 1) {
                                        slow.poll(
                                                (buffer, offset, length, index, timeNs) -> {
                                                    block();
                                                    seen.add(index);
                                                },
                                                Integer.MAX_VALUE);
                                    }
                                }
                            });
            assertTrue(isInside.await(DEADLINE_NS, TimeUnit.NANOSECONDS));

            append(log, 1, ENTRIES);
            log.sync();
            assertEquals(ENTRIES + 1, drain(other).size());
            assertTrue(log.stats().rolls() > 1);
            isLetGo.countDown();

            reading.join();
            assertEquals(ENTRIES, seen.getLast());
        }
    }

    @Test
    void throwingHandlerShouldNotHarmTheLog() {
        try (AppendLog log = open();
                LogReader reader = log.openReader()) {
            append(log, 0, 2);
            log.sync();

            assertThrows(
                    IllegalStateException.class,
                    () ->
                            reader.poll(
                                    (buffer, offset, length, index, timeNs) -> {
                                        throw new IllegalStateException("odd");
                                    },
                                    1));

            append(log, 1, 1);
            log.sync();
            assertEquals(2, drain(reader).size());
        }
        ledger.assertHeldBy(readAll());
    }

    private void block() {
        isInside.countDown();
        boolean isOver = false;
        while (!isOver) {
            try {
                isOver = isLetGo.await(DEADLINE_NS, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private boolean tryAppend(AppendLog log) {
        return ledger.tryAppend(log, 2, log.nextIndex(), 30) >= 0;
    }

    private void append(AppendLog log, int producer, int count) {
        for (int i = 0; i < count; i++) {
            ledger.append(log, producer, i, 600);
        }
    }
}
