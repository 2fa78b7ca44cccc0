package org.sluice.bench.report;

import org.sluice.bench.RunResult;
import org.sluice.bench.Summary;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Latency histograms in the text format that HdrHistogram's plotters read, µs. */
public final class HistogramFiles {
    private static final double NS_PER_MICRO = 1e3;

    private HistogramFiles() {}

    /** A file for each candidate, workload and kind of latency; all rounds together. */
    public static void write(RunResult result, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (Summary summary : result.summaries()) {
            summary.mergedLatencies()
                    .forEach(
                            (kind, histogram) -> {
                                Path file = directory.resolve(name(summary, kind));
                                try (PrintStream out =
                                        new PrintStream(
                                                Files.newOutputStream(file),
                                                false,
                                                StandardCharsets.UTF_8)) {
                                    histogram.outputPercentileDistribution(out, NS_PER_MICRO);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }

    private static String name(Summary summary, String kind) {
        String name =
                String.join(
                        "-",
                        summary.candidate(),
                        summary.workload().mode().label(),
                        summary.workload().entryBytes() + "B",
                        summary.workload().producers() + "p",
                        summary.workload().readEntries() + "e",
                        kind);
        return name.replaceAll("[^A-Za-z0-9-]+", "-") + ".hgrm";
    }
}
