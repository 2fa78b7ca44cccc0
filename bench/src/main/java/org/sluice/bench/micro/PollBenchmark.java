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

import java.util.concurrent.TimeUnit;

/** What does an entry take that is read in order, its checksum verified? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class PollBenchmark {
    private static final int ENTRY_BYTES = 256;
    private static final int ENTRIES = 100_000;
    private static final int LIMIT = 1_000;

    private LogFixture fixture;
    private LogReader reader;
    private long sum;
    private final EntryHandler handler =
            (buffer, offset, length, index, timestampNs) -> sum += length;
    private int polled;

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

    /** As many entries as LIMIT, over and over. */
    @Benchmark
    @OperationsPerInvocation(LIMIT)
    public long poll() {
        if (polled == ENTRIES) {
            reader.seek(0);
            polled = 0;
        }
        int left = LIMIT;
        while (left > 0) {
            left -= reader.poll(handler, left);
        }
        polled += LIMIT;
        return sum;
    }
}
