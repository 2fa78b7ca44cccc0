package org.sluice.appender;

/**
 * The writes that a full disk refused. They keep their place in the window, with their blocks, and
 * are tried again from time to time: nothing behind them can count as written, and nothing accepted
 * is lost. Writer thread only.
 */
final class RefusedWrites {
    /** Between two tries. */
    private static final long RETRY_NS = 20_000_000;

    private final WriteWindow window;
    private int count;
    private long nextRetryNs;

    RefusedWrites(WriteWindow window) {
        this.window = window;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void add(Write write, long nowNs) {
        write.state = Write.State.REFUSED;
        count++;
        nextRetryNs = nowNs + RETRY_NS;
    }

    /**
     * Submits all of them again if it is time to.
     *
     * @return writes submitted
     */
    int retry(long nowNs) {
        if (count == 0 || nowNs - nextRetryNs < 0) {
            return 0;
        }
        int retried = 0;
        for (long tag = window.oldestTag(); tag < window.nextTag(); tag++) {
            Write write = window.get(tag);
            if (write.state == Write.State.REFUSED) {
                count--;
                write.submit(tag);
                retried++;
            }
        }
        return retried;
    }
}
