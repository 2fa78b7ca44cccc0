package org.sluice.bench;

/**
 * What the machine's cores have done since it was started, as {@code /proc/stat} counts it, in
 * steps of 10 ms (proc_stat(5)).
 *
 * @param busyNs time they ran something, ns; -1 if the system does not say
 * @param stolenNs time they would have run and the host did not let them, ns; -1 as well
 */
record MachineTimes(long busyNs, long stolenNs) {
    /** USER_HZ is 100 on every architecture Sluice runs on with io_uring. */
    private static final long TICK_NS = 10_000_000;

    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int STEAL = 7;

    static MachineTimes read() {
        return ProcFile.firstLine("/proc/stat", "cpu ")
                .map(MachineTimes::parse)
                .orElse(new MachineTimes(-1, -1));
    }

    /** Of the numbers behind {@code cpu}; those behind steal are parts of the first two. */
    static MachineTimes parse(String numbers) {
        String[] words = numbers.split(" +", -1);
        long busy = 0;
        for (int i = 0; i < STEAL; i++) {
            busy += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(words[i]);
        }
        return new MachineTimes(busy * TICK_NS, Long.parseLong(words[STEAL]) * TICK_NS);
    }
}
