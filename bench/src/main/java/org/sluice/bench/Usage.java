package org.sluice.bench;

/**
 * What something that ran for a while used.
 *
 * @param elapsedNs how long it took, ns
 * @param cpuNs CPU time of its process, ns
 * @param machineCpuNs CPU time of the whole machine meanwhile, so also of the kernel's threads that
 *     write for it, ns; -1 if the system does not say
 * @param stolenNs time that the machine's cores were ready to run and the host gave them to others,
 *     ns; -1 if the system does not say
 * @param deviceBytes bytes the process sent to the device, zeros for files made ready included; -1
 *     if the system does not say
 */
public record Usage(
        long elapsedNs, long cpuNs, long machineCpuNs, long stolenNs, long deviceBytes) {
    /** Of nothing that ran. */
    static final Usage NONE = new Usage(0, 0, -1, -1, -1);

    /** What was used between {@code earlier} and this, both counted from the same beginning. */
    Usage since(Usage earlier) {
        return new Usage(
                elapsedNs - earlier.elapsedNs,
                cpuNs - earlier.cpuNs,
                machineCpuNs < 0 ? -1 : machineCpuNs - earlier.machineCpuNs,
                stolenNs < 0 ? -1 : stolenNs - earlier.stolenNs,
                deviceBytes < 0 ? -1 : deviceBytes - earlier.deviceBytes);
    }
}
