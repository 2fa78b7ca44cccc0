package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.List;

/**
 * Whole logs on a disk that fails in every way it can, each decided by a seed: see {@link SimRun}.
 */
class SimulationTest {
    private static final long RUNS = 10_000;
    private static final long FIRST_SEED = 1;
    private static final long RUNS_LONG = Long.getLong("sluice.sim.runs", 200_000);
    private static final long FIRST_SEED_LONG = Long.getLong("sluice.sim.firstSeed", 1_000_000);

    @Test
    void logShouldKeepItsPromisesOnAnyDisk() {
        check(SimReport.run(FIRST_SEED, RUNS));
    }

    @Test
    @Tag("long")
    void logShouldKeepItsPromisesAllNight() {
        check(SimReport.run(FIRST_SEED_LONG, RUNS_LONG));
    }

    private static void check(SimReport report) {
        System.out.println(report);
        if (report.failure() != null) {
            fail(report.failure(), report.firstThrown());
        }
        assertEquals(List.of(), report.missing(), "what the simulations never did");
    }

    @Test
    void seedShouldDecideEverything() {
        for (long seed = 1; seed <= 20; seed++) {
            assertEquals(
                    SimRun.run(seed, false).counts(),
                    SimRun.run(seed, false).counts(),
                    "seed " + seed);
        }
    }
}
