package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.sluice.bench.peer.Appender;
import org.sluice.bench.peer.EntryPattern;
import org.sluice.bench.peer.EntrySink;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Peer;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.nio.ByteOrder;

final class ReadingTest {
    private static final int HELD = 100;

    private static Workload workload(Mode mode) {
        return new Workload(
                mode, EntryPattern.BYTES_MIN, 1, HELD, Long.MAX_VALUE / 4, 1, 1, 4, false, 0);
    }

    /** Holds {@link #HELD} entries, and says when it was opened and when its closing began. */
    private static class FakePeer implements Peer {
        private final UnsafeBuffer entry = new UnsafeBuffer(new byte[EntryPattern.BYTES_MIN]);
        private long openedNs;
        private long closingNs;
        private int error;

        private void deliver(long id, EntrySink sink) {
            entry.putLong(0, id, ByteOrder.LITTLE_ENDIAN);
            sink.onEntry(entry, 0, entry.capacity());
        }

        private static long tick() {
            long beganNs = System.nanoTime();
            long nowNs = beganNs;
            while (nowNs == beganNs) {
                nowNs = System.nanoTime();
            }
            return nowNs;
        }

        @Override
        public Replayer replayer() {
            openedNs = tick();
            return new Replayer() {
                @Override
                public void read(EntrySink sink) {
                    for (int i = 0; i < HELD; i++) {
                        deliver(i, sink);
                    }
                }

                @Override
                public void close() {
                    closingNs = System.nanoTime();
                    tick();
                }
            };
        }

        @Override
        public RandomReader randomReader() {
            return new RandomReader() {
                @Override
                public void read(long[] indexes, EntrySink sink) {
                    for (int i = indexes.length - 1; i >= 0; i--) {
                        deliver(indexes[i] + error, sink);
                    }
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public Appender appender(int producer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sync() {}

        @Override
        public void close() {}

        @Override
        public long diskBytes() {
            return 0;
        }
    }

    @Test
    void otherEntriesThanAskedForShouldFail() throws IOException {
        try (FakePeer peer = new FakePeer()) {
            Reading reading = new Reading();
            reading.run(peer, workload(Mode.RANDOM_READ), HELD);
            assertEquals(HELD, reading.entries());

            peer.error = 1;
            assertThrows(
                    IllegalStateException.class,
                    () -> new Reading().run(peer, workload(Mode.RANDOM_READ), HELD));
        }
    }

    @Test
    void openingAndClosingShouldNotBeTimed() throws IOException {
        try (FakePeer peer = new FakePeer()) {
            Usage used = new Reading().run(peer, workload(Mode.REPLAY), HELD);

            assertTrue(used.elapsedNs() <= peer.closingNs - peer.openedNs, used.toString());
        }
    }
}
