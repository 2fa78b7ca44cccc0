package org.sluice.bench.soak;

import java.util.concurrent.atomic.LongAdder;

/** What a soak has done so far. Any thread adds. */
final class SoakCounts {
    final LongAdder appended = new LongAdder();
    final LongAdder appendedBytes = new LongAdder();
    final LongAdder aborted = new LongAdder();
    final LongAdder awaited = new LongAdder();
    final LongAdder tailed = new LongAdder();
    final LongAdder readAnywhere = new LongAdder();
    final LongAdder readersOpened = new LongAdder();
    final LongAdder truncatedBefore = new LongAdder();
    final LongAdder truncatedAfter = new LongAdder();
    final LongAdder rolls = new LongAdder();
    final LongAdder restarts = new LongAdder();
    final LongAdder kills = new LongAdder();

    /** Of processes that were killed: entries of theirs that were safe by then. */
    final LongAdder acknowledgedByKilled = new LongAdder();

    @Override
    public String toString() {
        return String.format(
                "%,d entries appended (%,d MiB; %,d given up), %,d waited for;%n"
                        + "  %,d checked in order, %,d anywhere, by %,d readers;%n"
                        + "  %,d rolls, %,d truncations from the front, %,d from the end;%n"
                        + "  %,d restarts, %,d kills, of whose %,d acknowledged entries all were"
                        + " there",
                appended.sum(),
                appendedBytes.sum() >> 20,
                aborted.sum(),
                awaited.sum(),
                tailed.sum(),
                readAnywhere.sum(),
                readersOpened.sum(),
                rolls.sum(),
                truncatedBefore.sum(),
                truncatedAfter.sum(),
                restarts.sum(),
                kills.sum(),
                acknowledgedByKilled.sum());
    }
}
