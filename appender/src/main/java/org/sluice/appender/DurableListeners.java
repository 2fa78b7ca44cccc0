package org.sluice.appender;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Those who asked to be told what is durable. Any thread adds; the writer tells. A listener that
 * throws is reported once a failure and told again next time: it must not stop the log.
 */
final class DurableListeners {
    private static final Logger LOGGER = System.getLogger("org.sluice");

    private final StatsRecorder stats;

    /** Replaced as a whole under the lock, read by the writer without it. */
    private volatile LongConsumer[] listeners = new LongConsumer[0];

    DurableListeners(StatsRecorder stats) {
        this.stats = stats;
    }

    synchronized void add(LongConsumer listener) {
        Objects.requireNonNull(listener);
        LongConsumer[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[more.length - 1] = listener;
        listeners = more;
    }

    /** False if it is not there. What was added twice is there once more. */
    synchronized boolean remove(LongConsumer listener) {
        int at = Arrays.asList(listeners).indexOf(listener);
        if (at < 0) {
            return false;
        }
        LongConsumer[] fewer = Arrays.copyOf(listeners, listeners.length - 1);
        System.arraycopy(listeners, at + 1, fewer, at, fewer.length - at);
        listeners = fewer;
        return true;
    }

    boolean isEmpty() {
        return listeners.length == 0;
    }

    void onDurable(long index) {
        for (LongConsumer listener : listeners) {
            try {
                listener.accept(index);
            } catch (Throwable thrown) {
                stats.onListenerFailure();
                report(thrown);
            }
        }
    }

    private static void report(Throwable thrown) {
        try {
            LOGGER.log(Level.WARNING, "an onDurable listener threw", thrown);
        } catch (Throwable unlogged) {
            // Whoever takes the messages can't: the failure was counted all the same.
        }
    }
}
