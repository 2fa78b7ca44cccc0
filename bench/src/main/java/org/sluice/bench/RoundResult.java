package org.sluice.bench;

import java.util.Map;

/**
 * What one round of one candidate came to.
 *
 * @param candidate its name
 * @param entries how many entries, all checked to be in its files
 * @param used what that took, syncs included
 * @param diskBytes bytes of the files, as far as they hold entries; 0 if nothing was written
 * @param idleCores CPU time of the whole process while it was left alone, in cores; -1 if it never
 *     was
 * @param latencies by what they measure, each a compressed HdrHistogram of ns in base 64
 * @param failure why there is no result, or ""
 */
public record RoundResult(
        String candidate,
        long entries,
        Usage used,
        long diskBytes,
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
        return new RoundResult(candidate, 0, Usage.NONE, 0, NEVER_IDLE, Map.of(), why);
    }

    boolean hasFailed() {
        return !failure.isEmpty();
    }

    /** Entries a second. */
    public double entriesPerSecond() {
        return used.elapsedNs() == 0 ? 0 : entries * 1e9 / used.elapsedNs();
    }

    /** CPU time of the process, µs an entry. */
    public double cpuMicrosPerEntry() {
        return entries == 0 ? 0 : used.cpuNs() / 1e3 / entries;
    }

    /** Whether the system tells what the whole machine did. */
    public boolean knowsMachine() {
        return used.machineCpuNs() >= 0;
    }

    /** CPU time of the whole machine, µs an entry, if it {@linkplain #knowsMachine is known}. */
    public double machineMicrosPerEntry() {
        return entries == 0 ? 0 : used.machineCpuNs() / 1e3 / entries;
    }

    /**
     * What the host gave to others, percent of a core, if it {@linkplain #knowsMachine is known}.
     */
    public double stolenPercent() {
        return used.elapsedNs() == 0 ? 0 : 100.0 * used.stolenNs() / used.elapsedNs();
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
