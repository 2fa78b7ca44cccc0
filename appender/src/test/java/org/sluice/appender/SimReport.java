package org.sluice.appender;

import org.sluice.store.DiskCall;
import org.sluice.store.DiskEvents;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** What many simulations together did, and found. */
final class SimReport {
    private final long firstSeed;
    private final long runs;
    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<Long, Throwable> failures = new TreeMap<>();
    private long elapsedNs;

    private SimReport(long firstSeed, long runs) {
        this.firstSeed = firstSeed;
        this.runs = runs;
    }

    /** Runs the seeds from {@code firstSeed} on, on all cores; no new one after a failure. */
    static SimReport run(long firstSeed, long runs) {
        SimReport report = new SimReport(firstSeed, runs);
        long startNs = System.nanoTime();
        LongStream.range(firstSeed, firstSeed + runs).parallel().forEach(report::run);
        report.elapsedNs = System.nanoTime() - startNs;
        return report;
    }

    private void run(long seed) {
        if (hasFailed()) {
            return;
        }
        try {
            add(SimRun.run(seed, false));
        } catch (Throwable thrown) {
            addFailure(seed, thrown);
        }
    }

    private synchronized boolean hasFailed() {
        return !failures.isEmpty();
    }

    private synchronized void add(DiskEvents events) {
        events.counts().forEach((what, times) -> counts.merge(what, times, Long::sum));
    }

    private synchronized void addFailure(long seed, Throwable thrown) {
        failures.put(seed, thrown);
    }

    /** Everything a simulation is there to do to a log. */
    static List<String> kinds() {
        List<String> kinds =
                new ArrayList<>(
                        List.of(
                                DiskEvents.PARTIAL,
                                DiskEvents.SHORT,
                                DiskEvents.OVERTAKEN,
                                DiskEvents.OVERTAKEN_ACROSS,
                                DiskEvents.LATE,
                                DiskEvents.PAGES_LOST,
                                DiskEvents.POWER_CUT,
                                DiskEvents.CUT_IN_CALL,
                                DiskEvents.TORN,
                                DiskEvents.KILL,
                                DiskEvents.DISK_FULL,
                                DiskEvents.NAMES_LOST,
                                DiskEvents.RECYCLED,
                                SimRun.OPENS_CUT,
                                SimRun.OPENS_FAILED,
                                SimRun.CLOSES,
                                SimLife.FAILURES,
                                SimLife.TRUNCATIONS));
        for (DiskCall call : DiskCall.values()) {
            // The writer never reads.
            if (call != DiskCall.SUBMITTED_READ) {
                for (int errno : call.errnos()) {
                    kinds.add(DiskEvents.failure(call, errno));
                }
            }
        }
        return kinds;
    }

    /** The {@link #kinds} that did not happen. */
    List<String> missing() {
        List<String> missing = kinds();
        missing.removeAll(counts.keySet());
        return missing;
    }

    /** The first failure and how to see it again, or null. */
    String failure() {
        if (failures.isEmpty()) {
            return null;
        }
        Map.Entry<Long, Throwable> first = failures.entrySet().iterator().next();
        return "seed "
                + first.getKey()
                + ": "
                + first.getValue()
                + "\nTo see what led to it:\n"
                + replayCommand(first.getKey());
    }

    Throwable firstThrown() {
        return failures.isEmpty() ? null : failures.values().iterator().next();
    }

    static String replayCommand(long seed) {
        return "mvn -B -pl store,fallback,ring,appender test -Dtest=SimulationReplay"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.sim.seed="
                + seed;
    }

    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        lines.append(runs)
                .append(" simulations, seeds ")
                .append(firstSeed)
                .append(" to ")
                .append(firstSeed + runs - 1)
                .append(", in ")
                .append(TimeUnit.NANOSECONDS.toMillis(elapsedNs))
                .append(" ms");
        counts.forEach(
                (what, times) -> lines.append("\n  ").append(what).append(": ").append(times));
        return lines.toString();
    }
}
