package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

final class IndexWaitersTest {
    private static final long YIELD_NS = 1_000;
    private static final long LOST_NS = TimeUnit.SECONDS.toNanos(20);

    @Test
    void wantedShouldBeTheHighestEverWaitedFor() {
        IndexWaiters waiters = new IndexWaiters(5, 0);

        waiters.register(9);
        waiters.leave();
        waiters.register(7);
        waiters.leave();

        assertEquals(9, waiters.wanted());
        assertEquals(5, waiters.position());
    }

    @Test
    void waiterServedAloneShouldYieldOnAFastDiskOnly() throws Exception {
        IndexWaiters waiters = new IndexWaiters(-1, Long.MAX_VALUE);
        serve(waiters, 1);
        waiters.register(1);
        assertTrue(waiters.isToYield(10 * IndexWaiters.WORTH_ALONE_NS));

        for (int i = 0; i < 20; i++) {
            waiters.served(2 * IndexWaiters.WORTH_ALONE_NS);
        }

        assertFalse(waiters.isToYield(0));
    }

    @Test
    void nobodyShouldYieldWhereYieldingIsTurnedOff() throws Exception {
        for (int served = 1; served <= 2; served++) {
            IndexWaiters waiters = new IndexWaiters(-1, 0);
            serve(waiters, served);

            waiters.register(1);

            assertFalse(waiters.isToYield(0));
        }
    }

    @Test
    void waitersServedTogetherShouldYieldForAWhile() throws Exception {
        IndexWaiters waiters = new IndexWaiters(-1, YIELD_NS);
        serve(waiters, 2);

        waiters.register(1);

        assertTrue(waiters.isToYield(0));
        assertTrue(waiters.isToYield(YIELD_NS - 1));
        assertFalse(waiters.isToYield(YIELD_NS));
    }

    /** One who saw the position, and went, before the writer came to wake him counts too. */
    @Test
    void waitersThatLeftByThemselvesShouldCountAsServed() throws Exception {
        IndexWaiters waiters = new IndexWaiters(-1, 0);
        Threads.start(
                        3,
                        number -> {
                            waiters.register(0);
                            waiters.leave();
                        })
                .join();

        waiters.raise(0);

        assertEquals(3, waiters.servedCount());
    }

    /** As one who asks every moment while the disk stalls. */
    @Test
    void waitsInVainShouldKeepOnePlace() {
        IndexWaiters waiters = new IndexWaiters(-1, 0);

        for (int i = 0; i < 100_000; i++) {
            waiters.register(i % 7);
            waiters.leave();
        }

        assertEquals(1, waiters.linkedCount());
        waiters.raise(7);
        assertEquals(0, waiters.linkedCount());
    }

    @Test
    void waiterThatComesBackForLessShouldBeServed() {
        IndexWaiters waiters = new IndexWaiters(-1, 0);
        waiters.register(9);
        waiters.leave();
        waiters.raise(0);
        waiters.register(9);
        waiters.leave();

        waiters.register(1);
        waiters.raise(1);

        assertFalse(waiters.isRegistered());
        assertEquals(1, waiters.servedCount());
        assertEquals(0, waiters.linkedCount());
    }

    @Test
    void waiterThatComesBackForMoreShouldStay() {
        IndexWaiters waiters = new IndexWaiters(-1, 0);
        waiters.register(1);
        waiters.leave();

        waiters.register(9);
        waiters.raise(1);

        assertTrue(waiters.isRegistered());
        assertEquals(1, waiters.linkedCount());
    }

    private static void serve(IndexWaiters waiters, int count) throws Exception {
        Threads.start(count, number -> waiters.register(0)).join();
        waiters.raise(0);
        assertEquals(count, waiters.servedCount());
    }

    /**
     * Waiters come, are woken, run out of time, all at the moment at which the position is raised.
     * A wake-up that got lost shows as a thread that parks for as long as nobody would.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 10_000})
    void noWakeUpShouldBeLost(long yieldNs) throws Exception {
        IndexWaiters waiters = new IndexWaiters(-1, yieldNs);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger lost = new AtomicInteger();
        Threads raiser = Threads.start(1, number -> raise(waiters, isOver));

        Threads waiting =
                Threads.start(
                        12,
                        number -> {
                            SplittableRandom random = new SplittableRandom(number);
                            for (int i = 0; i < 3_000; i++) {
                                long index = waiters.position() + random.nextInt(4);
                                long limitNs = random.nextInt(3) == 0 ? 20_000 : LOST_NS;
                                if (!await(waiters, index, limitNs) && limitNs == LOST_NS) {
                                    lost.incrementAndGet();
                                }
                            }
                        });
        waiting.join();
        isOver.set(true);
        raiser.join();

        assertEquals(0, lost.get());
    }

    private static void raise(IndexWaiters waiters, AtomicBoolean isOver) {
        SplittableRandom random = new SplittableRandom(99);
        long position = -1;
        while (!isOver.get()) {
            if (random.nextInt(5) == 0) {
                waiters.wakeAll();
            } else {
                position += 1 + random.nextInt(2);
                waiters.raise(position);
            }
            if (random.nextInt(3) == 0) {
                LockSupport.parkNanos(1_000);
            }
        }
    }

    /** Whether it took less than {@code limitNs}: whose wake-up is lost parks as long. */
    private static boolean await(IndexWaiters waiters, long index, long limitNs) {
        long startNs = System.nanoTime();
        return waiters.await(index, limitNs, (all, goal) -> {})
                && System.nanoTime() - startNs < limitNs;
    }
}
