package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.StorePermissions;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** However the writer thread ends, nobody waits for it for ever, or takes it for done. */
final class WriterEndTest extends LogFixture {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);

    /** As with a heap that is exhausted: not even its message can be had. */
    private static final class Untellable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new OutOfMemoryError("in a test");
        }
    }

    private static IdleStrategy failing(AtomicBoolean isArmed) {
        return new IdleStrategy() {
            private final IdleStrategy ordinary = new BackoffIdleStrategy();

            @Override
            public void idle(int work) {
                if (isArmed.get()) {
                    throw new Untellable();
                }
                ordinary.idle(work);
            }

            @Override
            public void idle() {
                idle(0);
            }

            @Override
            public void reset() {
                ordinary.reset();
            }
        };
    }

    @Test
    void failureThatCannotBeToldShouldEndTheLogAllTheSame() {
        AtomicBoolean isArmed = new AtomicBoolean();
        AppendLog log = open(config().idleStrategy(() -> failing(isArmed)));
        log.awaitDurable(log.append(new byte[10]));

        isArmed.set(true);
        await("the failure is known", () -> log.failure() != null);

        assertFails(Code.FAILED, () -> log.append(new byte[10]));
        assertFails(Code.FAILED, log::close);
        assertEquals(1, readAll().size());
    }

    @Test
    void waiterShouldBeToldWhenTheWriterIsGivenUp() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch isBlocked = new CountDownLatch(1);
        AppendLog log = open(config().closeTimeout(Duration.ofMillis(200)));
        log.onDurable(
                index -> {
                    isBlocked.countDown();
                    awaitUninterruptibly(release);
                });
        log.append(new byte[10]);
        isBlocked.await();
        long last = log.append(new byte[10]);
        Threads waiting =
                Threads.start(1, number -> assertFails(Code.FAILED, () -> log.awaitDurable(last)));
        Threads closing = Threads.start(1, number -> assertFails(Code.FAILED, log::close));

        waiting.join();

        assertFails(Code.FAILED, () -> log.awaitDurable(last));
        release.countDown();
        closing.join();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void writerShouldNotBeLeftBehindWhenTheKeeperCannotStart() {
        AppendLogConfig config = config().build();
        LogDirectoryLayout.prepareForWriting(directory(), StorePermissions.DEFAULT);
        AtomicReference<DutyThread> writer = new AtomicReference<>();
        OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");

        OutOfMemoryError thrown =
                assertThrows(
                        OutOfMemoryError.class,
                        () ->
                                AppendLog.open(
                                        StorageSelector.select(
                                                directory(), config, StorePermissions.DEFAULT),
                                        config,
                                        (duty, name) -> {
                                            if (name.equals("sluice-segments")) {
                                                return new Unstartable(noThread);
                                            }
                                            writer.set(DutyThread.THREADS.make(duty, name));
                                            return writer.get();
                                        },
                                        () -> {}));

        assertSame(noThread, thrown);
        assertTrue(writer.get().join(DEADLINE_NS), "the writer goes on");
    }

    private record Unstartable(Error error) implements DutyThread {
        @Override
        public void start() {
            throw error;
        }

        @Override
        public void wake() {}

        @Override
        public void park(long timeoutNs) {}

        @Override
        public boolean isCurrent() {
            return false;
        }

        @Override
        public boolean join(long timeoutNs) {
            return true;
        }
    }
}
