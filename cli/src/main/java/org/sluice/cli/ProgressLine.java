package org.sluice.cli;

import java.util.function.Supplier;

/**
 * One line on a terminal that is written over as work goes on; nothing where nobody watches. One
 * thread.
 */
final class ProgressLine implements AutoCloseable {
    private static final long INTERVAL_NS = 200_000_000L;
    private static final String CLEAR = "\r\u001b[K";

    private final StandardStreams streams;
    private long shownNs = System.nanoTime();
    private boolean isShown;

    ProgressLine(StandardStreams streams) {
        this.streams = streams;
    }

    /** Shows a line, unless one was shown a moment ago; the text is made only if it is shown. */
    void show(Supplier<String> text) {
        if (!streams.isErrTerminal()) {
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs - shownNs >= INTERVAL_NS) {
            shownNs = nowNs;
            isShown = true;
            streams.err().print(CLEAR + text.get());
            streams.err().flush();
        }
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (isShown) {
            isShown = false;
            streams.err().print(CLEAR);
            streams.err().flush();
        }
    }
}
