package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTimesTest {
    @Test
    void everythingButWaitingShouldBeBusy() {
        // user nice system idle iowait irq softirq steal guest guest_nice
        MachineTimes times = MachineTimes.parse("100 20 30 4000 500 6 7 80 9 1");

        assertEquals(1_630_000_000L, times.busyNs());
        assertEquals(800_000_000L, times.stolenNs());
    }

    @Test
    void workShouldShowInTheTimesOfThisMachine() {
        ProcessMeter meter = new ProcessMeter();
        long sum = 0;
        Usage used = meter.read();
        while (used.cpuNs() < 100_000_000) {
            sum += System.nanoTime();
            used = meter.read();
        }

        assertTrue(sum != 0);
        assertTrue(used.machineCpuNs() >= 50_000_000, used.toString());
        assertTrue(used.stolenNs() >= 0, used.toString());
    }
}
