package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** Those who are told that entries are safe, on the writer thread. */
final class DurableListenerTest extends LogFixture {
    private static final byte[] BYTES = {1, 2, 3};

    @Test
    void listenersShouldBeToldInOrderUpToTheLast() {
        AtomicLong told = new AtomicLong(-1);
        AtomicInteger disorder = new AtomicInteger();
        AtomicLong toldToo = new AtomicLong(-1);

        try (AppendLog log = open()) {
            log.onDurable(index -> disorder.addAndGet(index > told.getAndSet(index) ? 0 : 1));
            log.onDurable(toldToo::set);
            for (int i = 0; i < 5_000; i++) {
                log.append(BYTES);
            }
            await("all is durable", () -> told.get() == 4_999 && toldToo.get() == 4_999);
        }

        assertEquals(0, disorder.get());
    }

    @Test
    void removedListenerShouldBeToldNoMore() {
        AtomicLong told = new AtomicLong(-1);
        AtomicLong toldToo = new AtomicLong(-1);
        LongConsumer removed = told::set;

        try (AppendLog log = open()) {
            log.onDurable(removed);
            log.onDurable(toldToo::set);
            log.append(BYTES);
            await("both are told", () -> told.get() == 0 && toldToo.get() == 0);

            assertTrue(log.removeOnDurable(removed));
            assertFalse(log.removeOnDurable(removed));
            // Told in one go, so that whoever is told of the second has been told of the first.
            log.append(BYTES);
            await("one is told", () -> toldToo.get() == 1);
            log.append(BYTES);
            await("one is told", () -> toldToo.get() == 2);
        }

        assertTrue(told.get() < 2, () -> "told of " + told.get());
    }

    @Test
    void listenersShouldNotHoldTheWriterUp() {
        ProbedStorage storage = probe(config().build());
        AtomicLong told = new AtomicLong(-1);

        try (AppendLog log = open(storage, config())) {
            log.onDurable(told::set);
            log.append(BYTES);
            await("it is durable", () -> told.get() == 0);

            assertTrue(storage.syncCount() > 0);
            assertEquals(storage.syncCount(), storage.behindCount());
            assertEquals(0, storage.awaitedCount());
        }
    }

    /** A writer that sleeps until it is woken, once it has had nothing to do for a while. */
    private static final class DeepSleep implements IdleStrategy {
        private static final int TURNS = 100;
        private static final long SLEEP_NS = 10 * DEADLINE_NS;

        private final AtomicInteger turns = new AtomicInteger();

        boolean isAsleep() {
            return turns.get() > TURNS;
        }

        @Override
        public void idle(int workCount) {
            if (workCount > 0) {
                reset();
            } else {
                idle();
            }
        }

        @Override
        public void idle() {
            if (turns.incrementAndGet() > TURNS) {
                LockSupport.parkNanos(SLEEP_NS);
            }
        }

        @Override
        public void reset() {
            turns.set(0);
        }
    }

    @Test
    void appendShouldWakeTheWriterForAListener() {
        DeepSleep sleep = new DeepSleep();
        AtomicLong told = new AtomicLong(-1);

        try (AppendLog log = open(config().idleStrategy(() -> sleep))) {
            log.onDurable(told::set);
            await("the writer sleeps", sleep::isAsleep);
            log.append(BYTES);
            await("it is durable", () -> told.get() == 0);
        }
    }

    static Stream<Throwable> thrown() {
        return Stream.of(
                new IllegalStateException("odd"),
                new AssertionError("odd"),
                new NoClassDefFoundError("odd"),
                new StackOverflowError("odd"));
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void throwingListenerShouldNotStopTheLog(Throwable odd) {
        AtomicLong told = new AtomicLong(-1);
        AtomicInteger calls = new AtomicInteger();

        try (CapturedMessages messages = new CapturedMessages();
                AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        calls.incrementAndGet();
                        DurableListenerTest.<RuntimeException>sneak(odd);
                    });
            log.onDurable(told::set);
            log.append(BYTES);
            await("the second is told", () -> told.get() == 0);
            log.append(BYTES);
            log.awaitDurable(1);
            await("both are told again", () -> told.get() == 1 && calls.get() == 2);
            assertEquals(2, log.stats().listenerFailures());
            assertEquals(2, messages.records().size());
            assertEquals(odd, messages.records().getFirst().getThrown());
        }

        assertEquals(2, readAll().size());
    }

    /** As a logger does whose own disk is full. */
    @Test
    void loggerThatThrowsShouldNotStopTheLog() {
        Logger logger = Logger.getLogger("org.sluice");
        logger.setFilter(
                message -> {
                    throw new IllegalStateException("a test wants it so");
                });
        try (AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        throw new IllegalStateException("odd");
                    });
            log.append(BYTES);
            await("it is told", () -> log.stats().listenerFailures() == 1);
            log.awaitDurable(log.append(BYTES));
        } finally {
            logger.setFilter(null);
        }

        assertEquals(2, readAll().size());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void listenerShouldAppend() {
        AtomicInteger left = new AtomicInteger(100);

        try (AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        if (left.getAndDecrement() > 0) {
                            log.append(BYTES);
                        }
                    });
            log.append(BYTES);
            await("all are appended", () -> log.durableIndex() == 100);
        }

        assertEquals(101, readAll().size());
    }

    /** The writer thread would wait for itself to free a slot. */
    @ParameterizedTest
    @ValueSource(ints = {3, 100})
    void listenerShouldNotDeadlockOnAFullRing(int length) {
        AtomicInteger appended = new AtomicInteger();
        AtomicReference<Code> code = new AtomicReference<>();

        try (AppendLog log = open(config().slotCount(4).overflowCount(2))) {
            log.onDurable(
                    index -> {
                        while (code.get() == null) {
                            try {
                                log.append(new byte[length]);
                                appended.incrementAndGet();
                            } catch (AppendException full) {
                                code.set(full.code());
                            }
                        }
                    });
            log.append(BYTES);
            await("the listener met a full ring", () -> code.get() != null);
        }

        assertEquals(Code.BACK_PRESSURED, code.get());
        assertEquals(1 + appended.get(), readAll().size());
    }

    @Test
    void listenerShouldNotWait() {
        AtomicReference<String> met = new AtomicReference<>();

        try (AppendLog log = open()) {
            log.onDurable(
                    index -> {
                        if (met.get() != null) {
                            return;
                        }
                        log.awaitDurable(index);
                        log.awaitWritten(index);
                        long next = log.append(BYTES);
                        assertThrows(IllegalStateException.class, () -> log.awaitDurable(next));
                        assertThrows(IllegalStateException.class, () -> log.awaitWritten(next));
                        assertThrows(IllegalStateException.class, log::sync);
                        met.set("refused");
                    });
            log.append(BYTES);
            await("the listener is told", () -> met.get() != null);
            assertEquals(0, log.stats().listenerFailures());
        }

        assertEquals("refused", met.get());
    }

    @Test
    void listenerShouldBeNeeded() {
        try (AppendLog log = open()) {
            assertThrows(NullPointerException.class, () -> log.onDurable(null));
        }
    }
}
