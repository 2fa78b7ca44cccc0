package org.sluice.bench.soak;

import org.agrona.DirectBuffer;
import org.sluice.appender.AppendLog;
import org.sluice.appender.LogReader;
import org.sluice.store.AppendException;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Opens a reader, as this process's or as another's, reads here and there, and closes it. */
final class ReadingAnywhere implements Load.Actor {
    private static final int READS_MAX = 100;
    private static final int RUN_MAX = 200;
    private static final int BATCH = 16;
    private static final long PAUSE_NS = 1_000_000;
    private static final long GIVEN_UP_NS = TimeUnit.SECONDS.toNanos(10);

    private final Load load;
    private final SplittableRandom random;
    private long timestampNs;

    ReadingAnywhere(Load load, SplittableRandom random) {
        this.load = load;
        this.random = random;
    }

    @Override
    public void turn() {
        boolean isOutside = random.nextBoolean();
        try (LogReader reader =
                isOutside ? LogReader.open(load.directory()) : load.log().openReader()) {
            load.counts().readersOpened.increment();
            for (int left = random.nextInt(READS_MAX); left > 0; left--) {
                use(reader);
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private void use(LogReader reader) {
        AppendLog log = load.log();
        long first = log.firstIndex();
        long end = log.writtenIndex() + 1;
        if (first >= end) {
            return;
        }
        long index = random.nextLong(first, end);
        try {
            switch (random.nextInt(4)) {
                case 0 -> runFrom(reader, index);
                case 1 -> runFromTime(reader);
                case 2 -> reader.readBatch(indexes(first, end), this::check);
                default -> reader.read(index, this::check);
            }
        } catch (AppendException gone) {
            checkGone(gone);
        }
    }

    private long[] indexes(long first, long end) {
        return random.longs(first, end)
                .filter(index -> !SoakEntry.isAborted(index))
                .limit(BATCH)
                .toArray();
    }

    private void runFrom(LogReader reader, long index) {
        reader.seek(index);
        reader.poll(this::check, random.nextInt(1, RUN_MAX));
    }

    private void runFromTime(LogReader reader) {
        reader.seekToTime(timestampNs);
        reader.poll(this::check, random.nextInt(1, RUN_MAX));
    }

    /** An entry may be given up, by its producer or, meanwhile, with the front of the log. */
    private void checkGone(AppendException gone) {
        boolean isRight =
                switch (gone.code()) {
                    case ENTRY_ABORTED -> SoakEntry.isAborted(gone.index());
                    case INDEX_TRUNCATED -> isGivenUp(gone.index());
                    default -> false;
                };
        if (!isRight) {
            throw gone;
        }
    }

    /** A file may be gone a moment before the log says so. */
    private boolean isGivenUp(long index) {
        long deadlineNs = System.nanoTime() + GIVEN_UP_NS;
        while (load.log().firstIndex() <= index && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(PAUSE_NS);
        }
        return load.log().firstIndex() > index;
    }

    private void check(DirectBuffer buffer, int offset, int length, long index, long batchNs) {
        SoakEntry.checkedWord(buffer, offset, length, index);
        timestampNs = batchNs;
        load.counts().readAnywhere.increment();
    }
}
