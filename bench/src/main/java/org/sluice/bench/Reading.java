package org.sluice.bench;

import org.agrona.DirectBuffer;
import org.sluice.bench.peer.EntrySink;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Peer;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.util.SplittableRandom;

/** Reads what a candidate holds: all in order, or single entries. */
final class Reading {
    /** Looks at each entry, so that none can be left unread. */
    private static final class Look implements EntrySink {
        private long entries;
        private long sum;

        @Override
        public void onEntry(DirectBuffer buffer, int offset, int length) {
            entries++;
            sum += buffer.getLong(offset) + buffer.getByte(offset + length - 1);
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
        sum = look.sum;
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
                for (int i = 0; i < indexes.length; i++) {
                    indexes[i] = random.nextLong(held);
                }
                reader.read(indexes, look);
                long endNs = System.nanoTime();
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
