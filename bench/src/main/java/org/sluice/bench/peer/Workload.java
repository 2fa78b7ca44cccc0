package org.sluice.bench.peer;

/**
 * What every candidate of a run has to do, the same for all.
 *
 * @param mode what is asked
 * @param entryBytes length of each entry
 * @param producers threads that append (or read: one)
 * @param entries entries in all, at most
 * @param durationNs how long producers go on, at most, ns
 * @param ratePerSecond entries a second of all producers together, PACED; on average, IDLE
 * @param window entries that may be unacknowledged, per producer, ASYNC_DURABLE only
 * @param readEntries entries asked for in one go, RANDOM_READ only; 1: single reads
 * @param syncs whether PACED makes entries durable all the time
 * @param warmupNs how long the same is done before the clock starts, ns
 */
public record Workload(
        Mode mode,
        int entryBytes,
        int producers,
        long entries,
        long durationNs,
        long ratePerSecond,
        int window,
        int readEntries,
        boolean syncs,
        long warmupNs) {
    /** Of everything in a run that is random. */
    public static final long SEED = 42;

    private static final long NEVER_IDLE = 1_000_000_000;

    /** Checks the values. */
    public Workload {
        checkAtLeast("size", entryBytes, EntryPattern.BYTES_MIN);
        checkAtLeast("producers", producers, 1);
        checkAtLeast("entries", entries, 1);
        checkAtLeast("duration", durationNs, 1);
        checkAtLeast("rate", ratePerSecond, 1);
        checkAtLeast("window", window, 1);
        checkAtLeast("batch", readEntries, 1);
        checkAtLeast("warmup", warmupNs, 0);
        if (producers > EntryPattern.PRODUCERS_MAX) {
            throw new IllegalArgumentException(
                    "producers must be at most " + EntryPattern.PRODUCERS_MAX + ": " + producers);
        }
    }

    private static void checkAtLeast(String name, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(name + " must be at least " + min + ": " + value);
        }
    }

    /**
     * The same for a while, uncounted: what a candidate is warmed up with. IDLE is so without
     * pauses, or too little would be done in it.
     */
    public Workload warmup() {
        return new Workload(
                mode,
                entryBytes,
                producers,
                entries,
                warmupNs,
                mode == Mode.IDLE ? NEVER_IDLE : ratePerSecond,
                window,
                readEntries,
                syncs,
                0);
    }

    /** Entries that {@code producer} (from 0) appends at most. */
    public long entriesOf(int producer) {
        return entries / producers + (producer < entries % producers ? 1 : 0);
    }

    /** What sets this workload apart, in a few words. */
    public String label() {
        String text = mode.label() + ", " + entryBytes + " B";
        if (mode.reads()) {
            return mode == Mode.RANDOM_READ ? text + ", " + readEntries + " at a time" : text;
        }
        text += ", " + producers + (producers == 1 ? " producer" : " producers");
        return switch (mode) {
            case PACED -> text + ", " + ratePerSecond + "/s" + (syncs ? "" : ", without sync");
            case IDLE -> text + ", " + ratePerSecond + "/s at random (seed " + SEED + ")";
            default -> text;
        };
    }
}
