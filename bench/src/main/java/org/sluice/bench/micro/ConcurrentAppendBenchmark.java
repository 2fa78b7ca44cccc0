package org.sluice.bench.micro;

import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/** How many appends a second do several producers get through together? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class ConcurrentAppendBenchmark {
    private static final int ENTRY_BYTES = 256;

    private final UnsafeBuffer entry = new UnsafeBuffer(new byte[ENTRY_BYTES]);
    private LogFixture fixture;

    @Setup
    public void open() {
        fixture = new LogFixture("auto", ENTRY_BYTES);
    }

    @TearDown
    public void close() {
        fixture.close();
    }

    private long append() {
        return fixture.log().append(entry, 0, ENTRY_BYTES);
    }

    @Benchmark
    @Threads(1)
    public long one() {
        return append();
    }

    @Benchmark
    @Threads(2)
    public long two() {
        return append();
    }

    @Benchmark
    @Threads(4)
    public long four() {
        return append();
    }

    @Benchmark
    @Threads(8)
    public long eight() {
        return append();
    }

    @Benchmark
    @Threads(64)
    public long sixtyFour() {
        return append();
    }
}
