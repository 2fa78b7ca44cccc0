package org.sluice.bench;

import java.io.PrintStream;

/** One line on standard error that says what runs; nothing if that is no terminal. */
final class Progress {
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final boolean shows;
    private final int rounds;
    private int round;
    private String what = "";

    Progress(PrintStream out, boolean shows, int rounds) {
        this.out = out;
        this.shows = shows;
        this.rounds = rounds;
    }

    void begin(String candidate, String workload) {
        round++;
        what = candidate + ", " + workload;
        show("");
    }

    void entries(long count) {
        show(String.format(": %,d entries", count));
    }

    private void show(String more) {
        if (shows) {
            out.print(CLEAR + "round " + round + " of " + rounds + ", " + what + more);
            out.flush();
        }
    }

    void end() {
        if (shows) {
            out.print(CLEAR);
            out.flush();
        }
    }
}
