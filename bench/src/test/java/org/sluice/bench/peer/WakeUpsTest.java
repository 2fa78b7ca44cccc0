package org.sluice.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.NoOpIdleStrategy;
import org.junit.jupiter.api.Test;

class WakeUpsTest {
    private final WakeUps wakeUps = new WakeUps(NoOpIdleStrategy.INSTANCE);

    @Test
    void whoIdledShouldBeSeenTakingUp() {
        wakeUps.idle(0);
        long idledNs = System.nanoTime();
        wakeUps.idle(1);
        wakeUps.nanoTime();

        assertTrue(wakeUps.wokenNs() - idledNs <= 0, "working is not waking up");
        assertTrue(wakeUps.takenUpNs() - idledNs >= 0);
    }

    @Test
    void othersShouldOnlyBeToldTheTime() throws InterruptedException {
        wakeUps.idle(0);

        Thread keeper = Thread.ofPlatform().start(wakeUps::nanoTime);
        keeper.join();

        assertEquals(Appender.UNKNOWN, wakeUps.takenUpNs());
    }
}
