package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

final class IndexWaitersTest {
    private static final long LOST_NS = TimeUnit.SECONDS.toNanos(20);

    @Test
    void wantedShouldBeTheHighestEverWaitedFor() {
        IndexWaiters waiters = new IndexWaiters(5);

        waiters.register(9);
        waiters.leave();
        waiters.register(7);
        waiters.leave();

        assertEquals(9, waiters.wanted());
        assertEquals(5, waiters.position());
    }

    /**
     * Waiters come, are woken, run out of time, all at the moment at which the position is raised.
     * A wake-up that got lost shows as a thread that parks for as long as nobody would.
     */
    @Test
    void noWakeUpShouldBeLost() throws Exception {
        IndexWaiters waiters = new IndexWaiters(-1);
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

    private static boolean await(IndexWaiters waiters, long index, long limitNs) {
        long deadlineNs = System.nanoTime() + limitNs;
        waiters.register(index);
        try {
            while (waiters.position() < index) {
                if (!waiters.isRegistered()) {
                    waiters.leave();
                    waiters.register(index);
                }
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    return false;
                }
                if (waiters.position() < index) {
                    LockSupport.parkNanos(leftNs);
                }
            }
            return true;
        } finally {
            waiters.leave();
        }
    }
}
