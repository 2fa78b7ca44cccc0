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
import org.openjdk.jmh.annotations.Warmup;
import org.sluice.appender.EntryClaim;

import java.util.concurrent.TimeUnit;

/** Does writing in place beat handing over a copy? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class ClaimBenchmark {
    private static final int ENTRY_BYTES = 256;
    private static final byte FILLER = 7;

    private final UnsafeBuffer entry = new UnsafeBuffer(new byte[ENTRY_BYTES]);
    private final EntryClaim claim = new EntryClaim();
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
    public long copy() {
        entry.setMemory(0, ENTRY_BYTES, FILLER);
        return fixture.log().append(entry, 0, ENTRY_BYTES);
    }

    @Benchmark
    public long claim() {
        long index = fixture.log().claim(ENTRY_BYTES, claim);
        claim.buffer().setMemory(0, ENTRY_BYTES, FILLER);
        claim.commit();
        return index;
    }
}
