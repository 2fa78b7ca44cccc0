package org.sluice.bench;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;

/** What this process, and the machine, have used since it was made. */
final class ProcessMeter {
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final Usage before = counted(0);
    private final long startNs = System.nanoTime();

    long startNs() {
        return startNs;
    }

    Usage read() {
        return counted(System.nanoTime() - startNs).since(before);
    }

    /** The clock is read first at the end, and last at the beginning: this takes a moment. */
    private Usage counted(long elapsedNs) {
        MachineTimes machine = MachineTimes.read();
        return new Usage(
                elapsedNs,
                system.getProcessCpuTime(),
                machine.busyNs(),
                machine.stolenNs(),
                writtenBytes());
    }

    private static long writtenBytes() {
        return ProcFile.firstLine("/proc/self/io", "write_bytes:").map(Long::parseLong).orElse(-1L);
    }
}
