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
import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.UringAbi;

import java.util.concurrent.TimeUnit;

/**
 * What does an SQE cost to fill, and to carry through the kernel alone or with others? It asks for
 * nothing (OP_NOP).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {Flags.EXPORTS, Flags.NATIVE, Flags.UNSAFE})
public class SubmissionBenchmark {
    private static final int ENTRIES = 64;
    private static final int FLAGS = UringAbi.SETUP_SINGLE_ISSUER | UringAbi.SETUP_DEFER_TASKRUN;

    /** One thread makes, uses and closes the ring: JMH sets up on the thread that measures. */
    private Ring ring;

    @Setup
    public void open() {
        ring = Ring.open(ENTRIES, FLAGS, 0, true);
    }

    @TearDown
    public void close() {
        ring.close();
    }

    private void fill(long tag) {
        ring.submissions().put(UringAbi.OP_NOP, 0, -1, 0, 0, 0, 0, tag, 0);
    }

    private long carry(int count) {
        ring.submissions().publish();
        int taken = ring.enter(count, UringAbi.ENTER_GETEVENTS);
        if (taken != count) {
            throw new IllegalStateException("the kernel took " + taken + " of " + count);
        }
        long sum = 0;
        for (int done = 0; done < count; done++) {
            while (ring.completions().ready() == 0) {
                ring.enter(0, UringAbi.ENTER_GETEVENTS);
            }
            sum += ring.completions().userData();
            ring.completions().advance();
        }
        return sum;
    }

    @Benchmark
    public long alone() {
        fill(1);
        return carry(1);
    }

    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public long sixtyFourTogether() {
        for (int i = 0; i < ENTRIES; i++) {
            fill(i);
        }
        return carry(ENTRIES);
    }
}
