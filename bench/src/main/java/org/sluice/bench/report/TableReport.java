package org.sluice.bench.report;

import org.HdrHistogram.Histogram;
import org.sluice.bench.RunResult;
import org.sluice.bench.Spread;
import org.sluice.bench.Summary;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** What a run came to, as text. */
public final class TableReport {
    private static final int NAME_WIDTH = 24;
    private static final double[] PERCENTILES = {50, 99, 99.9, 99.99, 100};

    private final PrintStream out;

    /** Prints to {@code out}. */
    public TableReport(PrintStream out) {
        this.out = out;
    }

    /** The drawing of each candidate of a workload, before it runs. */
    public void topology(Workload workload, Map<String, String> topologies) {
        out.println(workload.label());
        topologies.forEach((name, line) -> out.printf("  %-" + NAME_WIDTH + "s %s%n", name, line));
        out.println();
    }

    /** Tables of one workload. */
    public void print(Workload workload, List<Summary> summaries) {
        boolean isIdle = workload.mode() == Mode.IDLE;
        out.printf("%s: median (lowest – highest) of rounds%n", workload.label());
        if (isIdle) {
            idleHeading();
        } else {
            ratesHeading();
        }
        for (Summary summary : summaries) {
            if (!summary.rounds().isEmpty() && isIdle) {
                idle(summary);
            } else if (!summary.rounds().isEmpty()) {
                rates(summary);
            }
            for (String failure : summary.failures()) {
                out.printf("%-" + NAME_WIDTH + "s failed: %s%n", summary.candidate(), failure);
            }
        }
        if (summaries.stream().anyMatch(summary -> !summary.latencies().isEmpty())) {
            latencies(summaries);
        }
        out.println();
    }

    private void ratesHeading() {
        out.printf(
                "%-" + NAME_WIDTH + "s %32s %10s %14s %14s %9s %12s%n",
                "",
                "entries/s",
                "MB/s",
                "CPU µs/entry",
                "whole machine",
                "stolen",
                "disk B/entry");
    }

    private void rates(Summary summary) {
        out.printf(
                "%-" + NAME_WIDTH + "s %32s %,10.1f %14.3f %14s %9s %,12.1f%n",
                summary.candidate(),
                spread(summary.entriesPerSecond()),
                summary.megabytesPerSecond().median(),
                summary.cpuMicrosPerEntry().median(),
                machine(summary, "%.3f", summary.machineMicrosPerEntry()),
                machine(summary, "%.0f %%", summary.stolenPercent()),
                summary.diskBytesPerEntry().median());
    }

    private static String machine(Summary summary, String format, Spread value) {
        return summary.knowsMachine() ? String.format(format, value.median()) : "–";
    }

    private void idleHeading() {
        out.printf(
                "%-" + NAME_WIDTH + "s %32s %14s %12s%n",
                "",
                "CPU while idle, % of a core",
                "CPU µs/entry",
                "disk B/entry");
    }

    private void idle(Summary summary) {
        Spread percent = summary.idlePercent();
        String idle =
                String.format("%.1f (%.1f – %.1f)", percent.median(), percent.min(), percent.max());
        out.printf(
                "%-" + NAME_WIDTH + "s %32s %,14.1f %,12.1f%n",
                summary.candidate(),
                summary.wasIdle() ? idle : "–",
                summary.cpuMicrosPerEntry().median(),
                summary.diskBytesPerEntry().median());
    }

    private static String spread(Spread spread) {
        return String.format("%,.0f (%,.0f – %,.0f)", spread.median(), spread.min(), spread.max());
    }

    private void latencies(List<Summary> summaries) {
        out.printf(
                "%-" + NAME_WIDTH + "s %-8s %10s %10s %10s %10s %10s%n",
                "latency, µs",
                "until",
                "p50",
                "p99",
                "p99.9",
                "p99.99",
                "max");
        for (Summary summary : summaries) {
            summary.latencies()
                    .forEach(
                            (kind, histograms) -> {
                                out.printf("%-" + NAME_WIDTH + "s %-8s", summary.candidate(), kind);
                                percentiles(histograms);
                                out.println();
                            });
        }
    }

    private void percentiles(List<Histogram> histograms) {
        for (double percentile : PERCENTILES) {
            out.printf(" %,10.1f", Summary.percentileMicros(histograms, percentile).median());
        }
    }

    /** Who was not asked, and the machine. */
    public void end(RunResult result) {
        result.left().forEach(line -> out.println("not asked: " + line));
        result.machine().forEach((name, value) -> out.println(name + ": " + value));
    }
}
