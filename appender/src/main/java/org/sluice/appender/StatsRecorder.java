package org.sluice.appender;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what happens. The writer thread counts its own in fields that others only read; producers
 * count only when something is out of the ordinary.
 */
final class StatsRecorder {
    private static final int DIGITS = 2;
    private static final long SYNC_NS_MAX = 3_600_000_000_000L;
    private static final long BATCH_ENTRIES_MAX = 1L << 30;

    private final SingleWriterRecorder batchEntries =
            new SingleWriterRecorder(BATCH_ENTRIES_MAX, DIGITS);
    private final SingleWriterRecorder syncNs = new SingleWriterRecorder(SYNC_NS_MAX, DIGITS);

    /** What the recorders gave up so far; guarded by this. */
    private final Histogram batchEntriesTotal = new Histogram(BATCH_ENTRIES_MAX, DIGITS);

    private final Histogram syncNsTotal = new Histogram(SYNC_NS_MAX, DIGITS);

    /** Recycled by the recorders; guarded by this. */
    private Histogram batchEntriesInterval;

    private Histogram syncNsInterval;

    private final LongAdder waits = new LongAdder();
    private final LongAdder drops = new LongAdder();
    private final LongAdder listenerFailures = new LongAdder();

    // Written by the writer thread only.
    private volatile long entries;
    private volatile long payloadBytes;
    private volatile long diskBytes;
    private volatile long batches;
    private volatile long syncs;
    private volatile long rolls;
    private volatile long rollWaits;
    private volatile boolean isDiskFull;

    void onBatch(int entryCount, long payload, int bytes) {
        setEntries(entries + entryCount, payloadBytes + payload, diskBytes + bytes);
        batchEntries.recordValue(entryCount);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void setEntries(long entryTotal, long payloadTotal, long diskTotal) {
        entries = entryTotal;
        payloadBytes = payloadTotal;
        diskBytes = diskTotal;
        batches++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void onSync(long durationNs, long segmentNumber, long durableIndex) {
        syncs++;
        syncNs.recordValue(Math.min(Math.max(0, durationNs), SYNC_NS_MAX));
        SyncEvent.emit(durationNs, segmentNumber, durableIndex);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void onRoll(long segmentNumber, long baseIndex) {
        rolls++;
        RollEvent.emit(segmentNumber, baseIndex);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void onRollWait() {
        rollWaits++;
    }

    void diskFull(boolean isFull) {
        isDiskFull = isFull;
    }

    boolean isDiskFull() {
        return isDiskFull;
    }

    void onWait() {
        waits.increment();
    }

    void onDrop() {
        drops.increment();
    }

    void onListenerFailure() {
        listenerFailures.increment();
    }

    synchronized LogStats snapshot(int segmentCount, int readyCount) {
        batchEntriesInterval = batchEntries.getIntervalHistogram(batchEntriesInterval);
        batchEntriesTotal.add(batchEntriesInterval);
        syncNsInterval = syncNs.getIntervalHistogram(syncNsInterval);
        syncNsTotal.add(syncNsInterval);
        return new LogStats(
                entries,
                payloadBytes,
                diskBytes,
                batches,
                syncs,
                rolls,
                rollWaits,
                waits.sum(),
                drops.sum(),
                listenerFailures.sum(),
                isDiskFull,
                segmentCount,
                readyCount,
                batchEntriesTotal.copy(),
                syncNsTotal.copy());
    }
}
