package org.sluice.bench.micro;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.sluice.appender.EntryHandler;
import org.sluice.appender.LogReader;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** What does an entry anywhere in the log take, alone and among 64 asked for together? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class RandomReadBenchmark {
    private static final int ENTRY_BYTES = 256;
    private static final int ENTRIES = 100_000;
    private static final int TOGETHER = 64;

    private LogFixture fixture;
    private LogReader reader;
    private long sum;
    private final EntryHandler handler =
            (buffer, offset, length, index, timestampNs) -> sum += length;
    private final SplittableRandom random = new SplittableRandom(42);
    private final long[] indexes = new long[TOGETHER];

    @Setup
    public void open() {
        fixture = LogFixture.filled(ENTRY_BYTES, ENTRIES);
        reader = fixture.log().openReader();
    }

    @TearDown
    public void close() {
        reader.close();
        fixture.close();
    }

    @Benchmark
    public long single() {
        reader.read(random.nextInt(ENTRIES), handler);
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public long together() {
        for (int i = 0; i < TOGETHER; i++) {
            indexes[i] = random.nextInt(ENTRIES);
        }
        reader.readBatch(indexes, handler);
        return sum;
    }
}
