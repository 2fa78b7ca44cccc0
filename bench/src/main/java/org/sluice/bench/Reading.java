package org.sluice.bench;

import org.agrona.DirectBuffer;
import org.sluice.bench.peer.EntrySink;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Peer;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Reads what a candidate holds: all in order, or single entries, which are told by their ids. */
final class Reading {
    /** Looks at each entry, so that none can be left unread. */
    private static final class Look implements EntrySink {
        private long entries;
        private long ids;
        private long lastBytes;

        @Override
        public void onEntry(DirectBuffer buffer, int offset, int length) {
            entries++;
            ids += buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
            lastBytes += buffer.getByte(offset + length - 1);
        }
    }

    private final Latencies latencies = new Latencies();
    private long entries;
    private long sum;

    /** Reads {@code held} entries of {@code peer} once, or single ones until the time is over. */
    Usage run(Peer peer, Workload workload, long held) throws IOException {
        Look look = new Look();
        Usage used =
                workload.mode() == Mode.REPLAY
                        ? replay(peer, look)
                        : randomly(peer, workload, held, look);
        entries = look.entries;
        sum = look.ids + look.lastBytes;
        if (workload.mode() == Mode.REPLAY && entries != held) {
            throw new IllegalStateException(
                    "replay gave " + entries + " entries instead of " + held);
        }
        return used;
    }

    private static Usage replay(Peer peer, Look look) throws IOException {
        try (Peer.Replayer replayer = peer.replayer()) {
            ProcessMeter meter = new ProcessMeter();
            replayer.read(look);
            return meter.read();
        }
    }

    private Usage randomly(Peer peer, Workload workload, long held, Look look) throws IOException {
        SplittableRandom random = new SplittableRandom(Workload.SEED);
        long[] indexes = new long[workload.readEntries()];
        try (Peer.RandomReader reader = peer.randomReader()) {
            ProcessMeter meter = new ProcessMeter();
            long deadlineNs = meter.startNs() + workload.durationNs();
            long beginNs = meter.startNs();
            while (look.entries < workload.entries() && beginNs - deadlineNs < 0) {
                long entriesDue = look.entries + indexes.length;
                long idsDue = look.ids;
                for (int i = 0; i < indexes.length; i++) {
                    indexes[i] = random.nextLong(held);
                    // There is one producer, so the index is the id.
                    idsDue += indexes[i];
                }
                reader.read(indexes, look);
                long endNs = System.nanoTime();
                if (look.entries != entriesDue || look.ids != idsDue) {
                    throw new IllegalStateException(
                            "reading gave other entries than those at " + Arrays.toString(indexes));
                }
                Latencies.record(latencies.of(Latencies.Kind.READ), endNs - beginNs);
                beginNs = endNs;
            }
            return meter.read();
        }
    }

    long entries() {
        return entries;
    }

    /** Of everything looked at. */
    long sum() {
        return sum;
    }

    Latencies latencies() {
        return latencies;
    }
}
