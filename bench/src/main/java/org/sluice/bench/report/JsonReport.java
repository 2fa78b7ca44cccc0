package org.sluice.bench.report;

import org.HdrHistogram.Histogram;
import org.sluice.bench.Json;
import org.sluice.bench.RoundResult;
import org.sluice.bench.RunResult;
import org.sluice.bench.Spread;
import org.sluice.bench.Summary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run came to, for programs. */
public final class JsonReport {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};

    private JsonReport() {}

    /** Writes {@code file}. */
    public static void write(RunResult result, Path file) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("command", result.command());
        report.put("date", result.date());
        report.put("machine", result.machine());
        report.put("notAsked", result.left());
        report.put("results", result.summaries().stream().map(JsonReport::summary).toList());
        Files.writeString(file, Json.MAPPER.writeValueAsString(report) + "\n");
    }

    private static Map<String, Object> summary(Summary summary) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("candidate", summary.candidate());
        fields.put("workload", summary.workload());
        fields.put("topology", summary.topology());
        fields.put("entriesPerSecond", summary.entriesPerSecond());
        fields.put("megabytesPerSecond", summary.megabytesPerSecond());
        fields.put("cpuMicrosPerEntry", summary.cpuMicrosPerEntry());
        if (summary.knowsMachine()) {
            fields.put("machineMicrosPerEntry", summary.machineMicrosPerEntry());
            fields.put("stolenPercentOfACore", summary.stolenPercent());
        }
        fields.put("diskBytesPerEntry", summary.diskBytesPerEntry());
        if (summary.wasIdle()) {
            fields.put("idlePercentOfACore", summary.idlePercent());
        }
        Map<String, Object> latencies = new LinkedHashMap<>();
        summary.latencies()
                .forEach((kind, histograms) -> latencies.put(kind, percentiles(histograms)));
        fields.put("latencyMicros", latencies);
        fields.put("rounds", summary.rounds().stream().map(JsonReport::round).toList());
        fields.put("failures", summary.failures());
        return fields;
    }

    private static Map<String, Spread> percentiles(List<Histogram> histograms) {
        Map<String, Spread> percentiles = new LinkedHashMap<>();
        for (double percentile : PERCENTILES) {
            String name = percentile == 100 ? "max" : "p" + (float) percentile;
            percentiles.put(
                    name.replaceFirst("\\.0$", ""),
                    Summary.percentileMicros(histograms, percentile));
        }
        return percentiles;
    }

    private static Map<String, Object> round(RoundResult round) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("entries", round.entries());
        fields.put("elapsedNs", round.used().elapsedNs());
        fields.put("cpuNs", round.used().cpuNs());
        fields.put("machineCpuNs", round.used().machineCpuNs());
        fields.put("stolenNs", round.used().stolenNs());
        fields.put("diskBytes", round.diskBytes());
        fields.put("deviceBytes", round.used().deviceBytes());
        return fields;
    }
}
