package org.sluice.bench.micro;

import org.agrona.concurrent.UnsafeBuffer;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/** How long does it take to append one entry, or many, and to sync behind it? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class SyncBenchmark {
    private static final int ENTRY_BYTES = 256;

    @Param({"1", "1000"})
    private int entries;

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

    @Benchmark
    public void sync() {
        for (int i = 0; i < entries; i++) {
            fixture.log().append(entry, 0, ENTRY_BYTES);
        }
        fixture.log().sync();
    }
}
