package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who waits for whom, and for how long. */
final class GroupHoldTest {
    private final GroupHold hold = new GroupHold();

    @Test
    void batchOfAllWhoAreExpectedShouldNotBeHeld() {
        assertFalse(hold.holds(8, 8, 0));
        assertFalse(hold.holds(9, 8, 0));
        assertFalse(hold.isHolding());
    }

    @Test
    void oneWhoIsAloneShouldNotBeHeld() {
        assertFalse(hold.holds(1, 0, 0));
        assertFalse(hold.holds(1, 1, 0));
    }

    @Test
    void batchShouldBeHeldUntilAllHaveCome() {
        assertTrue(hold.holds(1, 3, 0));
        assertTrue(hold.holds(2, 3, 10_000));
        assertTrue(hold.isHolding());
        assertFalse(hold.holds(3, 3, 20_000));
        assertFalse(hold.isHolding());
        assertTrue(hold.holds(1, 3, 30_000), "the next group is waited for again");
    }

    @Test
    void batchShouldNotBeHeldLongerThanItsTime() {
        assertTrue(hold.holds(2, 3, 0));
        assertTrue(hold.holds(2, 3, GroupHold.HOLD_NS - 1));
        assertFalse(hold.holds(2, 3, GroupHold.HOLD_NS));
        assertTrue(hold.holds(2, 3, 1_000_000), "most had come: it was worth the wait");
    }

    @Test
    void groupThatDoesNotComeShouldNotBeWaitedForAWhile() {
        assertTrue(hold.holds(1, 8, 0));
        assertFalse(hold.holds(1, 8, GroupHold.HOLD_NS));
        for (int i = 0; i < GroupHold.SKIPS; i++) {
            assertFalse(hold.holds(1, 8, 1_000_000 + i), "batch " + i);
        }
        assertTrue(hold.holds(1, 8, 2_000_000));
    }

    @Test
    void batchThatLeavesForAnotherReasonShouldEndTheHold() {
        assertTrue(hold.holds(1, 8, 0));
        hold.release();
        assertFalse(hold.isHolding());
    }
}
