package org.sluice.bench.soak;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** Says how far a soak is: one line that changes on a terminal, else a line a minute. */
final class SoakProgress {
    private static final String CLEAR = "\r\u001b[K";
    private static final long TERMINAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LINE_NS = TimeUnit.MINUTES.toNanos(1);

    private final PrintStream out;
    private final boolean isTerminal;
    private final SoakSettings settings;
    private final SoakCounts counts;
    private final long startNs = System.nanoTime();
    private long saidNs = startNs;

    SoakProgress(PrintStream out, SoakSettings settings, SoakCounts counts) {
        this.out = out;
        this.isTerminal = settings.showsProgress();
        this.settings = settings;
        this.counts = counts;
    }

    void show(String what) {
        long nowNs = System.nanoTime();
        if (nowNs - saidNs < (isTerminal ? TERMINAL_NS : LINE_NS)) {
            return;
        }
        saidNs = nowNs;
        String line =
                String.format(
                        "%s of %s, %s: %,d entries, %,d restarts, %,d kills",
                        time(nowNs - startNs),
                        time(settings.durationNs()),
                        what,
                        counts.appended.sum(),
                        counts.restarts.sum(),
                        counts.kills.sum());
        out.print(isTerminal ? CLEAR + line : line + System.lineSeparator());
        out.flush();
    }

    private static String time(long ns) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(ns);
        return String.format("%d:%02d", seconds / 60, seconds % 60);
    }

    void end() {
        if (isTerminal) {
            out.print(CLEAR);
            out.flush();
        }
    }
}
