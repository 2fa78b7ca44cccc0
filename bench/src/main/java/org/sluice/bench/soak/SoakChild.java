package org.sluice.bench.soak;

import org.sluice.appender.AppendLog;
import org.sluice.store.Backend;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that puts the log under load until it is killed: {@code SoakChild DIRECTORY BACKEND
 * SEED PRODUCERS FIRST_PRODUCER}. Says, a line each, up to which index everything is safe. A line
 * that is whole ends in a full stop.
 */
final class SoakChild {
    private static final int FAILED = 1;
    private static final long PAUSE_NS = 200_000;

    private SoakChild() {}

    public static void main(String[] args) {
        try {
            run(args);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private static void run(String[] args) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(Long.parseLong(args[2]));
        Path directory = Path.of(args[0]);
        AppendLog log = AppendLog.open(directory, SoakLog.config(Backend.valueOf(args[1]), random));
        Load load = new Load(log, directory, new SoakCounts(), random);
        load.start(Integer.parseInt(args[3]), Integer.parseInt(args[4]));
        long told = -1;
        long toldNs = System.nanoTime();
        // Never closed: what is told last must come out before the process is gone.
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        while (!load.hasFailed()) {
            long durable = log.durableIndex();
            if (durable > told) {
                told = durable;
                toldNs = System.nanoTime();
                out.write((durable + " .\n").getBytes(StandardCharsets.US_ASCII));
            }
            if (System.nanoTime() - toldNs > Load.STUCK_NS) {
                throw new IllegalStateException("nothing becomes durable behind " + told);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        load.end();
    }
}
