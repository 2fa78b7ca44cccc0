package org.sluice.appender;

import org.sluice.store.MemoryDirectory;

import java.util.Random;
import java.util.function.Consumer;

/** A power cut at each of the changes that some work makes to a directory. */
final class PowerCuts {
    private static final int CUTS = 40;

    /** Looks at what a power cut has left. */
    interface Check {
        void accept(MemoryDirectory left, String what);
    }

    private PowerCuts() {}

    /**
     * Stops {@code work} before its first change, before its second and so on until it is done, and
     * each time cuts the power some times, as it keeps now this and now that of what was not
     * synced.
     *
     * @param work changes the copy of {@code start} that it is given
     * @return how many changes the work makes
     */
    static int atEveryChange(
            MemoryDirectory start, long seed, Consumer<MemoryDirectory> work, Check check) {
        Random random = new Random(seed);
        for (int step = 0; ; step++) {
            MemoryDirectory stopped = start.copy();
            stopped.failAfter(step);
            try {
                work.accept(stopped);
                return step;
            } catch (MemoryDirectory.Stopped e) {
                for (int cut = 0; cut < CUTS; cut++) {
                    String what = "seed " + seed + ", step " + step + ", cut " + cut;
                    check.accept(stopped.powerCut(random), what);
                }
            }
        }
    }
}
