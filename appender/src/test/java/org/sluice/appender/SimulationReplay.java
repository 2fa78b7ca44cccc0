package org.sluice.appender;

import org.junit.jupiter.api.Test;

/**
 * One seed with all that happens, for whoever has to find out why it fails. Its name keeps it out
 * of the build: it runs when it is named.
 */
class SimulationReplay {
    @Test
    void replay() {
        long seed = Long.getLong("sluice.sim.seed", 1);

        System.out.println("seed " + seed);
        SimRun.run(seed, true);
    }
}
