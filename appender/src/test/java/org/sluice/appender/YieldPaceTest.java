package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class YieldPaceTest {
    private static final long WORTH_NS = 1_000;
    private static final long LIMIT_NS = 5_000;

    private final YieldPace pace = new YieldPace();

    @Test
    void threadShouldYieldUpToTheLimit() {
        assertTrue(pace.isToYield(0, WORTH_NS, LIMIT_NS));
        assertTrue(pace.isToYield(LIMIT_NS - 1, WORTH_NS, LIMIT_NS));
        assertFalse(pace.isToYield(LIMIT_NS, WORTH_NS, LIMIT_NS));
    }

    @Test
    void threadShouldParkOnASlowDiskAndYieldAgainOnAFastOne() {
        wait(20, 3 * WORTH_NS);
        assertFalse(pace.isToYield(0, WORTH_NS, LIMIT_NS));

        wait(20, WORTH_NS / 2);
        assertTrue(pace.isToYield(0, WORTH_NS, LIMIT_NS));
    }

    @Test
    void longWaitsNowAndThenShouldChangeNothing() {
        for (int i = 0; i < 20; i++) {
            wait(20, WORTH_NS * 7 / 10);
            wait(1, Long.MAX_VALUE);
            assertTrue(pace.isToYield(0, WORTH_NS, LIMIT_NS), "time " + i);
        }
    }

    @Test
    void anyWaitShouldBeWorthItWhereThereIsNoLimit() {
        wait(20, Long.MAX_VALUE);

        assertTrue(pace.isToYield(0, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    /** On a slow disk, some waits of which are worth less than others. */
    @Test
    void longWaitsShouldNotMakeADiskLookFast() {
        for (int i = 0; i < 100; i++) {
            pace.served(20 * WORTH_NS, WORTH_NS / 5);
            pace.served(20 * WORTH_NS, WORTH_NS);
            assertFalse(i > 20 && pace.isToYield(0, WORTH_NS, LIMIT_NS), "time " + i);
        }
    }

    /** As one who asks for a moment, again and again. */
    @Test
    void shortWaitsInVainShouldNotMakeADiskLookFast() {
        wait(20, 3 * WORTH_NS);
        for (int i = 0; i < 100; i++) {
            pace.gaveUp(WORTH_NS / 10, WORTH_NS);
        }

        assertFalse(pace.isToYield(0, WORTH_NS, LIMIT_NS));
    }

    private void wait(int times, long waitedNs) {
        for (int i = 0; i < times; i++) {
            pace.served(waitedNs, WORTH_NS);
        }
    }
}
