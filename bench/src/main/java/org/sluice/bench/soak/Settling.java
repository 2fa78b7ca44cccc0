package org.sluice.bench.soak;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Takes footprints once nothing changes any longer: memory off the heap goes with the garbage, and
 * the kernel lets go of rings in its own time.
 */
final class Settling {
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final int SAME = 3;

    private final Path directory;

    Settling(Path directory) {
        this.directory = directory;
    }

    /** What is held when it has been the same some times running. */
    Footprint first() {
        long startNs = System.nanoTime();
        Footprint last = collected();
        int same = 0;
        while (same < SAME && System.nanoTime() - startNs < LIMIT_NS) {
            Footprint next = collected();
            boolean isSame =
                    next.descriptors() == last.descriptors()
                            && next.threads() == last.threads()
                            && next.buffers() == last.buffers()
                            && next.ringMappings() == last.ringMappings()
                            && next.pinnedBytes() == last.pinnedBytes()
                            && next.kernelWorkers() == last.kernelWorkers();
            same = isSame ? same + 1 : 0;
            last = next;
        }
        return last;
    }

    /** What is held, once it is back to {@code before}, or is not for too long. */
    Comparison compare(Footprint before) {
        long startNs = System.nanoTime();
        Comparison comparison = comparison(before);
        while (!comparison.isBack() && System.nanoTime() - startNs < LIMIT_NS) {
            comparison = comparison(before);
        }
        return comparison;
    }

    private Comparison comparison(Footprint before) {
        return new Comparison(before, collected(), SoakLog.SEGMENT_BYTES);
    }

    private Footprint collected() {
        System.gc();
        trim();
        LockSupport.parkNanos(PAUSE_NS);
        return Footprint.take(directory);
    }

    /** Has the C library give back what is free, where the JVM can ask it to. */
    private static void trim() {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            null,
                            null);
        } catch (JMException elsewhere) {
            // Only on Linux: what is free is then counted too.
        }
    }
}
