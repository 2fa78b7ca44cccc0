package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.bench.peer.Appender;
import org.sluice.bench.peer.EntryPattern;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.io.IOException;

final class ProducerTest {
    private static final long LATENCY_NS = 1_000_000;

    /** Its one entry is durable a while after it was appended, while the producer looks. */
    private static final class SlowAppender implements Appender {
        private long appendedNs = System.nanoTime();

        @Override
        public long append(EntryPattern entry) {
            appendedNs = System.nanoTime();
            return 1;
        }

        @Override
        public void awaitDurable(long ticket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long durable() {
            while (System.nanoTime() - appendedNs < LATENCY_NS) {
                Thread.onSpinWait();
            }
            return 1;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"PACED", "ASYNC_DURABLE"})
    void entryShouldNotBeReachedBeforeItIs(Mode mode) throws IOException {
        Workload workload =
                new Workload(
                        mode,
                        EntryPattern.BYTES_MIN,
                        1,
                        1,
                        Long.MAX_VALUE / 4,
                        1_000,
                        1,
                        1,
                        true,
                        0);
        Producer producer = new Producer(workload, new SlowAppender(), 0);

        producer.run(System.nanoTime());

        Histogram durable = producer.latencies().of(Latencies.Kind.DURABLE);
        assertEquals(1, durable.getTotalCount());
        assertTrue(
                durable.getMaxValue() >= LATENCY_NS,
                "durable after " + durable.getMaxValue() + " ns");
    }
}
