package org.sluice.bench.soak;

import org.agrona.DirectBuffer;
import org.sluice.appender.AppendLog;
import org.sluice.appender.EntryClaim;
import org.sluice.appender.LogReader;

import java.util.SplittableRandom;

/** Appends one entry, waits until it is safe, and looks at what became of it. */
final class Waiting implements Load.Actor {
    private static final int WAYS = 8;

    private final Load load;
    private final SplittableRandom random;
    private final LogReader reader;
    private final EntryClaim claim = new EntryClaim();

    Waiting(Load load, SplittableRandom random) {
        this.load = load;
        this.random = random;
        this.reader = load.log().openReader();
    }

    @Override
    public void turn() {
        load.keepNear();
        AppendLog log = load.log();
        int length = SoakEntry.length(random);
        long index = log.claim(length, claim);
        boolean isAborted = SoakEntry.isAborted(index);
        if (isAborted) {
            claim.abort();
            load.counts().aborted.increment();
        } else {
            SoakEntry.fill(claim.buffer(), length, index);
            claim.commit();
            load.counts().appended.increment();
            load.counts().appendedBytes.add(length);
        }
        if (random.nextInt(WAYS) == 0) {
            log.awaitWritten(index);
            check(log.writtenIndex() >= index, index, "is not written");
        } else {
            await(log, index);
        }
        load.counts().awaited.increment();
        if (!isAborted) {
            reader.read(index, this::check);
            load.counts().readAnywhere.increment();
        }
    }

    private void await(AppendLog log, long index) {
        if (random.nextInt(WAYS) == 0) {
            log.sync();
        } else {
            log.awaitDurable(index);
        }
        check(log.durableIndex() >= index, index, "is not durable");
    }

    private static void check(boolean isRight, long index, String what) {
        if (!isRight) {
            throw new IllegalStateException("entry " + index + " was waited for, and " + what);
        }
    }

    private void check(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        SoakEntry.checkedWord(buffer, offset, length, index);
    }

    @Override
    public void close() {
        reader.close();
    }
}
