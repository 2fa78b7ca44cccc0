package org.sluice.bench.peer;

import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.LogReader;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sluice itself. */
final class SluicePeer implements Peer, Appender {
    private static final int POLL_ENTRIES = 65_536;
    private static final long READY_NS_MAX = TimeUnit.MINUTES.toNanos(5);
    private static final long READY_LOOK_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Path directory;
    private final AppendLog log;

    /** Null but in an idle log: nobody else's clocks are touched. */
    private final WakeUps wakeUps;

    private long diskBytes;

    SluicePeer(Path directory, Workload workload, SluiceSettings settings) {
        this.directory = directory;
        AppendLogConfig config = settings.config(workload);
        if (workload.mode() == Mode.IDLE) {
            wakeUps = new WakeUps(config.idleStrategy().get());
            config =
                    settings.builder(workload)
                            .idleStrategy(() -> wakeUps)
                            .epochClock(wakeUps)
                            .build();
        } else {
            wakeUps = null;
        }
        log = AppendLog.open(directory, config);
        awaitReady(settings.segmentsReady(workload));
        boolean syncsAllTheTime =
                workload.mode() == Mode.ASYNC_DURABLE
                        || (workload.mode() == Mode.PACED && workload.syncs());
        if (syncsAllTheTime) {
            // Whoever listens is told at once; producers then look at durableIndex.
            log.onDurable(index -> {});
        }
    }

    private void awaitReady(int segments) {
        long deadlineNs = System.nanoTime() + READY_NS_MAX;
        while (log.stats().segmentsReady() < segments) {
            if (System.nanoTime() - deadlineNs > 0) {
                log.close();
                throw new IllegalStateException(
                        "of " + segments + " segments too few were written ahead in time");
            }
            LockSupport.parkNanos(READY_LOOK_NS);
        }
    }

    @Override
    public Appender appender(int producer) {
        return this;
    }

    @Override
    public long append(EntryPattern entry) {
        return log.append(entry.buffer(), 0, entry.bytes().length);
    }

    @Override
    public void awaitDurable(long ticket) {
        log.awaitDurable(ticket);
    }

    @Override
    public boolean awaitWritten(long ticket) {
        log.awaitWritten(ticket);
        return true;
    }

    @Override
    public long wokenNs() {
        return wakeUps == null ? UNKNOWN : wakeUps.wokenNs();
    }

    @Override
    public long takenUpNs() {
        return wakeUps == null ? UNKNOWN : wakeUps.takenUpNs();
    }

    @Override
    public long written() {
        return log.writtenIndex();
    }

    @Override
    public long durable() {
        return log.durableIndex();
    }

    @Override
    public void sync() {
        log.sync();
    }

    @Override
    public void close() {
        diskBytes = log.stats().diskBytes();
        log.close();
    }

    @Override
    public Replayer replayer() {
        LogReader reader = LogReader.open(directory);
        return new Replayer() {
            @Override
            public void read(EntrySink sink) {
                while (reader.poll((b, o, n, index, ns) -> sink.onEntry(b, o, n), POLL_ENTRIES)
                        > 0) {
                    // Until the end.
                }
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    @Override
    public RandomReader randomReader() {
        LogReader reader = LogReader.open(directory);
        return new RandomReader() {
            @Override
            public void read(long[] indexes, EntrySink sink) {
                if (indexes.length == 1) {
                    reader.read(indexes[0], (b, o, n, index, ns) -> sink.onEntry(b, o, n));
                } else {
                    reader.readBatch(indexes, (b, o, n, index, ns) -> sink.onEntry(b, o, n));
                }
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    @Override
    public long diskBytes() {
        return diskBytes;
    }
}
