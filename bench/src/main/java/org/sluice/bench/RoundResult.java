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
        Map<String, String> latencies,
        String failure) {

    static RoundResult failed(String candidate, String why) {
        return new RoundResult(candidate, 0, 0, 0, 0, -1, Map.of(), why);
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

    /** Bytes of files an entry. */
    public double diskBytesPerEntry() {
        return entries == 0 ? 0 : (double) diskBytes / entries;
    }
}
