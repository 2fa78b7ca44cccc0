package org.sluice.bench;

import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs candidates side by side: round after round, in each round every candidate once, each time
 * beginning with another one, so that what changes on the machine meets them all.
 */
final class Rig {
    private final List<Candidate> candidates;
    private final List<DeviceLimit> devices;
    private final int rounds;
    private final Path directory;
    private final Cleanup cleanup;

    /** {@code devices} is empty where no limit is measured. */
    Rig(
            List<Candidate> candidates,
            List<DeviceLimit> devices,
            int rounds,
            Path directory,
            Cleanup cleanup) {
        this.candidates = candidates;
        this.devices = devices;
        this.rounds = rounds;
        this.directory = directory;
        this.cleanup = cleanup;
    }

    /** Why someone is not asked to do {@code workload}, by name. */
    Map<String, String> left(Workload workload) {
        Map<String, String> left = new LinkedHashMap<>();
        for (Candidate candidate : candidates) {
            String reason = candidate.kind().reasonAgainst(workload);
            if (!reason.isEmpty() && candidate.kind().isPeer()) {
                left.put(candidate.name(), reason);
            }
        }
        return left;
    }

    private List<Candidate> askedOf(Workload workload) {
        return candidates.stream()
                .filter(candidate -> candidate.kind().reasonAgainst(workload).isEmpty())
                .toList();
    }

    /** How each of those who are asked is set up, the device's limit included, by name. */
    Map<String, String> topologies(Workload workload) {
        Map<String, String> topologies = new LinkedHashMap<>();
        for (Candidate candidate : askedOf(workload)) {
            topologies.put(candidate.name(), candidate.topology(workload));
        }
        for (DeviceLimit device : measuredFor(workload)) {
            topologies.put(device.name(), device.topology(workload));
        }
        return topologies;
    }

    private List<DeviceLimit> measuredFor(Workload workload) {
        return devices.stream().filter(device -> device.fits(workload)).toList();
    }

    /** How many rounds of candidates {@code workloads} make. */
    int count(List<Workload> workloads) {
        int count = 0;
        for (Workload workload : workloads) {
            count += rounds * (askedOf(workload).size() + measuredFor(workload).size());
        }
        return count;
    }

    /** All rounds of {@code workload}, in the order of the candidates. */
    List<Summary> run(Workload workload, Progress progress) throws IOException {
        List<Candidate> asked = askedOf(workload);
        List<List<RoundResult>> results = new ArrayList<>();
        asked.forEach(candidate -> results.add(new ArrayList<>()));
        List<DeviceLimit> measured = measuredFor(workload);
        List<List<RoundResult>> limits = new ArrayList<>();
        measured.forEach(device -> limits.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < measured.size(); i++) {
                progress.begin(measured.get(i).name(), workload.label());
                limits.get(i).add(measured.get(i).run(workload));
            }
            for (int i = 0; i < asked.size(); i++) {
                int turn = (round + i) % asked.size();
                progress.begin(asked.get(turn).name(), workload.label());
                results.get(turn).add(run(asked.get(turn), workload, progress));
            }
        }
        List<Summary> summaries = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Candidate candidate = asked.get(i);
            summaries.add(
                    Summary.of(
                            candidate.name(),
                            workload,
                            candidate.topology(workload),
                            results.get(i)));
        }
        for (int i = 0; i < measured.size(); i++) {
            DeviceLimit device = measured.get(i);
            summaries.add(
                    Summary.of(device.name(), workload, device.topology(workload), limits.get(i)));
        }
        return summaries;
    }

    private RoundResult run(Candidate candidate, Workload workload, Progress progress)
            throws IOException {
        RoundSpec spec = new RoundSpec(candidate, workload, directory.resolve("round").toString());
        return new RoundProcess(spec, directory, cleanup).run(progress::entries);
    }
}
