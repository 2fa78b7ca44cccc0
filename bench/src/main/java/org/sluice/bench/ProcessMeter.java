package org.sluice.bench;

import com.sun.management.OperatingSystemMXBean;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Time, CPU time and bytes written of this process since it was made. */
final class ProcessMeter {
    private static final Path IO = Path.of("/proc/self/io");
    private static final String WRITTEN = "write_bytes: ";

    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final long deviceBytes = writtenBytes();
    private final long cpuNs = system.getProcessCpuTime();
    private final long startNs = System.nanoTime();

    /** What was used so far. */
    record Usage(long elapsedNs, long cpuNs, long deviceBytes) {}

    long startNs() {
        return startNs;
    }

    Usage read() {
        long elapsedNs = System.nanoTime() - startNs;
        long usedNs = system.getProcessCpuTime() - cpuNs;
        long bytes = deviceBytes < 0 ? -1 : writtenBytes() - deviceBytes;
        return new Usage(elapsedNs, usedNs, bytes);
    }

    private static long writtenBytes() {
        try {
            for (String line : Files.readAllLines(IO)) {
                if (line.startsWith(WRITTEN)) {
                    return Long.parseLong(line.substring(WRITTEN.length()));
                }
            }
        } catch (IOException e) {
            // Not Linux, or not allowed: then it is not known.
        }
        return -1;
    }
}
