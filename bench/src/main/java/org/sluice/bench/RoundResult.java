package org.sluice.bench;

import java.util.Map;

/**
 * What one round of one candidate came to.
 *
 * @param candidate its name
 * @param entries how many entries, all checked to be in its files
 * @param elapsedNs how long that took, syncs included, ns
 * @param cpuNs CPU time of the whole process meanwhile, ns
 * @param diskBytes bytes of the files, as far as they hold entries; 0 if nothing was written
 * @param deviceBytes bytes the process sent to the device meanwhile, zeros for files made ready
 *     included; -1 if the system does not say
 * @param idleCores CPU time of the whole process while it was left alone, in cores; -1 if it never
 *     was
 * @param latencies by what they measure, each a compressed HdrHistogram of ns in base 64
 * @param failure why there is no result, or ""
 */
public record RoundResult(
        String candidate,
        long entries,
        long elapsedNs,
        long cpuNs,
        long diskBytes,
        long deviceBytes,
        double idleCores,
        Map<String, String> latencies,
        String failure) {
    /** {@link #idleCores} where nobody was left alone. */
    static final double NEVER_IDLE = -1;

    /** Whether there was a time in which nothing was asked of it. */
    public boolean wasIdle() {
        return idleCores >= 0;
    }

    static RoundResult failed(String candidate, String why) {
        return new RoundResult(candidate, 0, 0, 0, 0, -1, NEVER_IDLE, Map.of(), why);
    }

    boolean hasFailed() {
        return !failure.isEmpty();
    }

    /** Entries a second. */
    public double entriesPerSecond() {
        return elapsedNs == 0 ? 0 : entries * 1e9 / elapsedNs;
    }

    /** CPU time of the process, µs an entry. */
    public double cpuMicrosPerEntry() {
        return entries == 0 ? 0 : cpuNs / 1e3 / entries;
    }

    /** CPU time of the process while it was left alone, percent of a core. */
    public double idlePercent() {
        return idleCores * 100;
    }

    /** Bytes of files an entry. */
    public double diskBytesPerEntry() {
        return entries == 0 ? 0 : (double) diskBytes / entries;
    }
}
