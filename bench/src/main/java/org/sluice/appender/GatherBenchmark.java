package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.sluice.bench.micro.Flags;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.BatchChecksum;
import org.sluice.store.BatchDescriptor;

import java.util.concurrent.TimeUnit;

/**
 * What does the writer spend on an entry, gathering it into a block and its part of the checksum,
 * with no producer and no disk at work? In the package of what it measures, which nobody else may
 * see.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class GatherBenchmark {
    private static final int BLOCK_BYTES = 256 * 1024;
    private static final int SLOT_COUNT = 65_536;

    @Param({"64", "256", "1024"})
    private int entryBytes;

    private final BatchChecksum checksum = new BatchChecksum();
    private UnsafeBuffer entry;
    private AlignedBlock block;
    private Slots slots;
    private Gatherer gatherer;

    @Setup
    public void open() {
        entry = new UnsafeBuffer(new byte[entryBytes]);
        block = new AlignedBlockPool(1, BLOCK_BYTES).take();
        slots =
                new Slots(
                        AppendLogConfig.builder()
                                .slotCount(SLOT_COUNT)
                                .slotBytes(entryBytes)
                                .producers(Producers.SINGLE)
                                .build());
        gatherer = new Gatherer(slots);
    }

    /** More entries than a block holds. */
    @Setup(Level.Invocation)
    public void append() {
        int entries = BLOCK_BYTES / entryBytes;
        for (int i = 0; i < entries; i++) {
            long sequence = slots.tryClaim();
            if (sequence < 0) {
                return;
            }
            slots.putInline(sequence, entry, 0, entryBytes);
            slots.publish(sequence);
        }
    }

    /** A block of entries. */
    @Benchmark
    public int block() {
        gatherer.begin(block, BLOCK_BYTES);
        gatherer.gather(Long.MAX_VALUE);
        int length = gatherer.length();
        BatchDescriptor.encodeHeader(
                block.buffer(), 0, length, length, gatherer.entryCount(), 0, 0, -1, 0);
        checksum.seal(block.buffer(), block.byteBuffer(), 0, length, 1, 1, 4_096);
        return gatherer.entryCount();
    }
}
