package org.sluice.bench.soak;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.appender.AppendLog;
import org.sluice.appender.EntryClaim;

import java.util.SplittableRandom;

/** Appends as fast as it may: in place, or by copy; now and then it waits for what it appended. */
final class Producing implements Load.Actor {
    private static final int COPIED_OF_8 = 2;
    private static final int AWAITS_EVERY = 2_000;

    private final Load load;
    private final int producer;
    private final SplittableRandom random;
    private final EntryClaim claim = new EntryClaim();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[SoakEntry.BYTES_MAX]);
    private long number;

    Producing(Load load, int producer, SplittableRandom random) {
        this.load = load;
        this.producer = producer;
        this.random = random;
    }

    @Override
    public void turn() {
        load.keepNear();
        int length = SoakEntry.length(random);
        long index = random.nextInt(8) < COPIED_OF_8 ? copy(length) : claim(length);
        if (random.nextInt(AWAITS_EVERY) == 0) {
            load.log().awaitDurable(index);
            load.counts().awaited.increment();
        }
    }

    private long copy(int length) {
        SoakEntry.fill(buffer, length, SoakEntry.word(producer, number++));
        long index = load.log().append(buffer, 0, length);
        count(length);
        return index;
    }

    private long claim(int length) {
        AppendLog log = load.log();
        long index = log.claim(length, claim);
        if (SoakEntry.isAborted(index)) {
            claim.abort();
            load.counts().aborted.increment();
        } else {
            SoakEntry.fill(claim.buffer(), length, index);
            claim.commit();
            count(length);
        }
        return index;
    }

    private void count(int length) {
        load.counts().appended.increment();
        load.counts().appendedBytes.add(length);
    }
}
