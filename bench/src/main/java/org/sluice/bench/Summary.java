package org.sluice.bench;

import org.HdrHistogram.Histogram;
import org.sluice.bench.peer.Workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * All rounds of one candidate at one workload.
 *
 * @param topology the way of an entry, in a line
 * @param rounds those that came to a result
 * @param failures why others did not, each reason once
 */
public record Summary(
        String candidate,
        Workload workload,
        String topology,
        List<RoundResult> rounds,
        List<String> failures) {

    static Summary of(
            String candidate, Workload workload, String topology, List<RoundResult> results) {
        return new Summary(
                candidate,
                workload,
                topology,
                results.stream().filter(result -> !result.hasFailed()).toList(),
                results.stream()
                        .filter(RoundResult::hasFailed)
                        .map(RoundResult::failure)
                        .distinct()
                        .toList());
    }

    private Spread spread(ToDoubleFunction<RoundResult> value) {
        return Spread.of(rounds.stream().mapToDouble(value).toArray());
    }

    /** Entries a second. */
    public Spread entriesPerSecond() {
        return spread(RoundResult::entriesPerSecond);
    }

    /** Payload, 10^6 bytes a second. */
    public Spread megabytesPerSecond() {
        return spread(round -> round.entriesPerSecond() * workload.entryBytes() / 1e6);
    }

    /** CPU time of the process, µs an entry. */
    public Spread cpuMicrosPerEntry() {
        return spread(RoundResult::cpuMicrosPerEntry);
    }

    /** Whether {@link #machineMicrosPerEntry} and {@link #stolenPercent} are known. */
    public boolean knowsMachine() {
        return !rounds.isEmpty() && rounds.stream().allMatch(RoundResult::knowsMachine);
    }

    /** CPU time of the whole machine, the kernel's own threads included, µs an entry. */
    public Spread machineMicrosPerEntry() {
        return spread(RoundResult::machineMicrosPerEntry);
    }

    /** What the machine wanted of its cores and the host gave to others, percent of a core. */
    public Spread stolenPercent() {
        return spread(RoundResult::stolenPercent);
    }

    /** Whether {@link #idlePercent} is known. */
    public boolean wasIdle() {
        return !rounds.isEmpty() && rounds.stream().allMatch(RoundResult::wasIdle);
    }

    /** CPU time of the process while it was left alone, percent of a core; IDLE only. */
    public Spread idlePercent() {
        return spread(RoundResult::idlePercent);
    }

    /** Bytes of files an entry. */
    public Spread diskBytesPerEntry() {
        return spread(RoundResult::diskBytesPerEntry);
    }

    /** Histograms of each round, ns, by what they measure. */
    public Map<String, List<Histogram>> latencies() {
        Map<String, List<Histogram>> latencies = new TreeMap<>();
        for (RoundResult round : rounds) {
            round.latencies()
                    .forEach(
                            (kind, encoded) ->
                                    latencies
                                            .computeIfAbsent(kind, key -> new ArrayList<>())
                                            .add(Latencies.decode(encoded)));
        }
        return latencies;
    }

    /** All rounds' histograms in one. */
    public Map<String, Histogram> mergedLatencies() {
        Map<String, Histogram> merged = new TreeMap<>();
        latencies()
                .forEach(
                        (kind, histograms) -> {
                            Histogram sum = Latencies.emptyHistogram();
                            histograms.forEach(sum::add);
                            merged.put(kind, sum);
                        });
        return merged;
    }

    /** The median round's, and the spread of, a percentile, µs. */
    public static Spread percentileMicros(List<Histogram> histograms, double percentile) {
        return Spread.of(
                histograms.stream()
                        .mapToDouble(h -> h.getValueAtPercentile(percentile) / 1e3)
                        .toArray());
    }
}
