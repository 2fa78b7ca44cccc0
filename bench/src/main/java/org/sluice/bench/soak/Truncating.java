package org.sluice.bench.soak;

import org.sluice.appender.AppendLog;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Gives up, now and then, some of what was checked. */
final class Truncating implements Load.Actor {
    private static final int PAUSES_MAX = 100;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Load load;
    private final SplittableRandom random;
    private int pauses;

    Truncating(Load load, SplittableRandom random) {
        this.load = load;
        this.random = random;
        pauses = random.nextInt(PAUSES_MAX);
    }

    /** Many short pauses rather than a long one, so that it ends when it is to. */
    @Override
    public void turn() {
        LockSupport.parkNanos(PAUSE_NS);
        if (pauses-- > 0) {
            return;
        }
        pauses = random.nextInt(PAUSES_MAX);
        AppendLog log = load.log();
        long first = log.firstIndex();
        long index = random.nextLong(first, load.tailIndex() + 1);
        log.truncateBefore(index);
        load.counts().truncatedBefore.increment();
    }
}
