package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;

final class OverflowPoolTest {
    @Test
    void takeShouldGiveEachBufferOnce() {
        OverflowPool pool = new OverflowPool(3, 100);
        Set<Integer> ids = new HashSet<>();

        for (int i = 0; i < 3; i++) {
            ids.add(pool.take().id());
        }

        assertEquals(Set.of(0, 1, 2), ids);
        assertNull(pool.take());
    }

    @Test
    void releasedBufferShouldBeTakenAgainWithItsMemory() {
        OverflowPool pool = new OverflowPool(1, 100);
        OverflowBuffer buffer = pool.take();

        pool.release(buffer);

        assertEquals(buffer, pool.take());
        assertEquals(100, buffer.bytes().capacity());
        assertEquals(buffer, pool.buffer(buffer.id()));
    }

    /** A queue in its place once refused buffers, which were lost then. */
    @Test
    void noBufferShouldGetLostBetweenThreads() throws Exception {
        OverflowPool pool = new OverflowPool(2, 8);

        Threads.run(
                4,
                number -> {
                    for (int i = 0; i < 200_000; i++) {
                        OverflowBuffer buffer = pool.take();
                        if (buffer != null) {
                            buffer.bytes().putLong(0, number);
                            Thread.onSpinWait();
                            assertEquals(number, buffer.bytes().getLong(0), "taken by two");
                            pool.release(buffer);
                        }
                    }
                });

        assertNotNull(pool.take());
        assertNotNull(pool.take());
        assertNull(pool.take());
    }
}
