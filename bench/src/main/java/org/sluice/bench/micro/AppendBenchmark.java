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

/**
 * What does an append cost its caller, by size of entry? Once the slots are full it waits for the
 * disk: the mean is the rate, the percentiles of SampleTime show both.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class AppendBenchmark {
    @Param({"16", "64", "256", "1024", "4096"})
    private int entryBytes;

    private LogFixture fixture;
    private UnsafeBuffer entry;

    @Setup
    public void open() {
        fixture = new LogFixture("auto", entryBytes);
        entry = new UnsafeBuffer(new byte[entryBytes]);
    }

    @TearDown
    public void close() {
        fixture.close();
    }

    @Benchmark
    public long append() {
        return fixture.log().append(entry, 0, entryBytes);
    }
}
