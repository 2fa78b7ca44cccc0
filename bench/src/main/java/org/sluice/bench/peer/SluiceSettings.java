package org.sluice.bench.peer;

import org.agrona.concurrent.BusySpinIdleStrategy;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.DirectIo;
import org.sluice.appender.Producers;
import org.sluice.store.Backend;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.Preallocation;

/**
 * How Sluice is opened.
 *
 * @param backend uring, channel, channel-direct or auto; with "-ready" behind it all segments are
 *     written ahead, before the clock starts
 * @param direct ON, OFF or AUTO
 * @param sqPoll whether io_uring gets a kernel thread
 * @param blockBytes bytes of a block, 0: Sluice's default
 * @param depth blocks in flight
 * @param segmentBytes bytes of a segment file
 * @param slotCount slots, 0: as many as 64 MiB hold, 16,384 at most
 * @param spins whether the writer spins instead of parking when idle
 */
public record SluiceSettings(
        String backend,
        DirectIo direct,
        boolean sqPoll,
        int blockBytes,
        int depth,
        long segmentBytes,
        int slotCount,
        boolean spins) {
    private static final int SLOT_BYTES_MIN = 8;

    /** The longest entry that Sluice takes unless it is told otherwise. */
    private static final int ENTRY_BYTES = 128 * 1024;

    private static final int SLOT_COUNT_MAX = 16_384;
    private static final long SLAB_BYTES_MAX = 64L << 20;
    private static final String READY = "-ready";

    /** The one written to, and one for what batches lose to padding. */
    private static final int SPARE_SEGMENTS = 2;

    /** What a log can be asked to keep ready, less the one that it begins with. */
    private static final int SEGMENTS_READY_MAX = 1_023;

    /** Checks the name of the backend. */
    public SluiceSettings {
        backendOf(backend);
    }

    private static Backend backendOf(String name) {
        return switch (engineOf(name)) {
            case "uring" -> Backend.URING;
            case "channel", "channel-direct" -> Backend.CHANNEL;
            case "auto" -> Backend.AUTO;
            default ->
                    throw new IllegalArgumentException(
                            "backend must be uring, channel, channel-direct or auto, or one of"
                                    + " them with -ready: "
                                    + name);
        };
    }

    private static String engineOf(String name) {
        return name.endsWith(READY) ? name.substring(0, name.length() - READY.length()) : name;
    }

    /** Segments that are to be written ahead before the clock starts, 0 for none. */
    int segmentsReady(Workload workload) {
        if (!backend.endsWith(READY)) {
            return 0;
        }
        long entryBytes = BatchDescriptor.entryBytes(workload.entryBytes());
        long segments = workload.entries() * entryBytes / segmentBytes + SPARE_SEGMENTS;
        return Math.toIntExact(Math.min(segments, SEGMENTS_READY_MAX));
    }

    /** The name of a candidate with these settings. */
    public String label() {
        return "sluice "
                + backend
                + (sqPoll && !backend.startsWith("channel") ? " sqpoll" : "")
                + (spins ? " spins" : "");
    }

    /** The same with a writer that spins. */
    public SluiceSettings spinning() {
        return new SluiceSettings(
                backend, direct, sqPoll, blockBytes, depth, segmentBytes, slotCount, true);
    }

    /** Slots of the entries' size, as a user whose entries have one size would set them. */
    int slotBytes(Workload workload) {
        return Math.max(SLOT_BYTES_MIN, workload.entryBytes());
    }

    int slots(Workload workload) {
        if (slotCount != 0) {
            return slotCount;
        }
        int slots = SLOT_COUNT_MAX;
        while ((long) slots * slotBytes(workload) > SLAB_BYTES_MAX) {
            slots /= 2;
        }
        return slots;
    }

    private DirectIo directOf() {
        return engineOf(backend).equals("channel-direct") ? DirectIo.ON : direct;
    }

    AppendLogConfig config(Workload workload) {
        return builder(workload).build();
    }

    AppendLogConfig.Builder builder(Workload workload) {
        AppendLogConfig.Builder builder =
                AppendLogConfig.builder()
                        .backend(backendOf(backend))
                        .direct(directOf())
                        .sqPoll(sqPoll)
                        .slotBytes(slotBytes(workload))
                        .slotCount(slots(workload))
                        .maxEntryBytes(Math.max(ENTRY_BYTES, workload.entryBytes()))
                        .blockBytes(blockBytes)
                        .blockCount(depth)
                        .segmentBytes(segmentBytes)
                        .producers(workload.producers() == 1 ? Producers.SINGLE : Producers.MULTI);
        if (segmentsReady(workload) > 0) {
            builder.preallocate(Preallocation.ZERO).segmentsAhead(segmentsReady(workload) + 1);
        }
        if (spins) {
            builder.idleStrategy(() -> BusySpinIdleStrategy.INSTANCE);
        }
        return builder;
    }

    /** The way of an entry, drawn in a line. */
    String topology(Workload workload) {
        AppendLogConfig config = config(workload);
        String engine =
                switch (engineOf(backend)) {
                    case "channel" -> "FileChannel";
                    case "channel-direct" -> "FileChannel, O_DIRECT";
                    case "auto" -> "the best backend that runs";
                    default -> "io_uring" + (sqPoll ? " + SQPOLL" : "");
                };
        return String.format(
                "%d × %s ─► %,d slots × %d B ─► writer (%s) ─► %d blocks × %d KiB ─► %s ─► segments of %d MiB%s",
                workload.producers(),
                config.producers() == Producers.SINGLE ? "single producer" : "producer",
                config.slotCount(),
                config.slotBytes(),
                spins ? "spins" : "parks",
                config.blockCount(),
                config.blockBytes() >> 10,
                engine,
                config.segmentBytes() >> 20,
                segmentsReady(workload) > 0 ? ", written ahead" : "");
    }
}
