package org.sluice.bench.micro;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.BatchChecksum;
import org.sluice.store.BatchDescriptor;

import java.util.concurrent.TimeUnit;

/** What does sealing a batch cost, header and checksum, by its size? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class ChecksumBenchmark {
    private static final long LOG_ID = 1;
    private static final long POSITION = 4_096;

    @Param({"4096", "65536", "262144"})
    private int batchBytes;

    private final BatchChecksum checksum = new BatchChecksum();
    private AlignedBlock block;

    @Setup
    public void fill() {
        block = new AlignedBlockPool(1, batchBytes).take();
        block.buffer().setMemory(0, batchBytes, (byte) 7);
    }

    @Benchmark
    public int seal() {
        BatchDescriptor.encodeHeader(block.buffer(), 0, batchBytes, batchBytes, 1, 0, 0, -1, 0);
        checksum.seal(block.buffer(), block.byteBuffer(), 0, batchBytes, LOG_ID, 1, POSITION);
        return BatchDescriptor.crc(block.buffer(), 0);
    }
}
