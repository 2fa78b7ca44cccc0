package org.sluice.bench.report;

import org.HdrHistogram.Histogram;
import org.sluice.bench.RoundResult;
import org.sluice.bench.Summary;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the plots of a page show, for its script to hand to the plotting library. */
final class Plots {
    private static final int BAR_PX = 32;
    private static final int FRAME_PX = 110;
    private static final int LINES_PX = 420;
    private static final int TICKS_PER_HALF = 5;

    private final List<Map<String, Object>> all = new ArrayList<>();

    /** Where a plot goes. */
    record Plot(String id, String title, int heightPx) {}

    List<Map<String, Object>> all() {
        return all;
    }

    private Plot add(String kind, String title, int heightPx, Map<String, Object> content) {
        Map<String, Object> plot = new LinkedHashMap<>();
        String id = "plot" + all.size();
        plot.put("id", id);
        plot.put("kind", kind);
        plot.put("title", title);
        plot.putAll(content);
        all.add(plot);
        return new Plot(id, title, heightPx);
    }

    /** Entries a second by size, for each mode and number of producers with several sizes. */
    List<Plot> bySize(List<Summary> summaries) {
        Map<String, List<Summary>> groups = new LinkedHashMap<>();
        for (Summary summary : summaries) {
            if (isRateGiven(summary.workload())) {
                continue;
            }
            String producers = ", producers: " + summary.workload().producers();
            String batch =
                    summary.workload().mode() == Mode.RANDOM_READ
                            ? ", " + summary.workload().readEntries() + " at a time"
                            : "";
            groups.computeIfAbsent(
                            summary.workload().mode().label() + producers + batch,
                            key -> new ArrayList<>())
                    .add(summary);
        }
        List<Plot> plots = new ArrayList<>();
        groups.forEach(
                (title, members) -> {
                    TreeSet<Integer> sizes = new TreeSet<>();
                    members.forEach(member -> sizes.add(member.workload().entryBytes()));
                    if (sizes.size() > 1) {
                        plots.add(sizes(title + ", by size of entry", members, sizes));
                    }
                });
        return plots;
    }

    private static boolean isRateGiven(Workload workload) {
        return workload.mode() == Mode.PACED || workload.mode() == Mode.IDLE;
    }

    private Plot sizes(String title, List<Summary> members, Set<Integer> sizes) {
        Map<String, Map<Integer, Double>> rates = new LinkedHashMap<>();
        for (Summary member : members) {
            if (!member.rounds().isEmpty()) {
                rates.computeIfAbsent(member.candidate(), key -> new TreeMap<>())
                        .put(member.workload().entryBytes(), member.entriesPerSecond().median());
            }
        }
        List<Map<String, Object>> series = new ArrayList<>();
        rates.forEach(
                (name, values) -> {
                    List<Double> line = new ArrayList<>();
                    sizes.forEach(size -> line.add(values.get(size)));
                    series.add(Map.of("name", name, "values", line));
                });
        return add(
                "sizes",
                title,
                LINES_PX,
                Map.of(
                        "labels",
                        sizes,
                        "labelUnit",
                        "bytes an entry",
                        "unit",
                        "entries a second",
                        "series",
                        series));
    }

    /** Candidates side by side: their rate and what it cost. */
    List<Plot> bars(String title, List<Summary> summaries) {
        List<Summary> shown =
                summaries.stream().filter(summary -> !summary.rounds().isEmpty()).toList();
        if (shown.isEmpty()) {
            return List.of();
        }
        Workload workload = shown.getFirst().workload();
        List<Plot> plots = new ArrayList<>();
        if (workload.mode() == Mode.IDLE) {
            plots.add(
                    bars(
                            title + ": CPU time of the process while idle",
                            "% of a core",
                            shown.stream().filter(Summary::wasIdle).toList(),
                            RoundResult::idlePercent,
                            summary -> summary.idlePercent().median()));
        }
        if (!isRateGiven(workload)) {
            plots.add(
                    bars(
                            title + ": entries a second",
                            "entries a second",
                            shown,
                            RoundResult::entriesPerSecond,
                            summary -> summary.entriesPerSecond().median()));
        }
        plots.add(
                bars(
                        title + ": CPU time of the process",
                        "µs an entry",
                        shown,
                        RoundResult::cpuMicrosPerEntry,
                        summary -> summary.cpuMicrosPerEntry().median()));
        return plots;
    }

    private Plot bars(
            String title,
            String unit,
            List<Summary> summaries,
            ToDoubleFunction<RoundResult> value,
            Function<Summary, Double> median) {
        List<Map<String, Object>> series =
                summaries.stream()
                        .map(
                                summary ->
                                        Map.of(
                                                "name",
                                                (Object) summary.candidate(),
                                                "median",
                                                median.apply(summary),
                                                "rounds",
                                                summary.rounds().stream()
                                                        .mapToDouble(value)
                                                        .boxed()
                                                        .toList()))
                        .toList();
        int heightPx = FRAME_PX + BAR_PX * summaries.size();
        return add("bars", title, heightPx, Map.of("unit", unit, "series", series));
    }

    /** Latency by percentile, a plot for each kind. */
    List<Plot> percentiles(String title, List<Summary> summaries) {
        Map<String, List<Map<String, Object>>> kinds = new TreeMap<>();
        for (Summary summary : summaries) {
            summary.mergedLatencies()
                    .forEach(
                            (kind, histogram) ->
                                    kinds.computeIfAbsent(kind, key -> new ArrayList<>())
                                            .add(
                                                    Map.of(
                                                            "name",
                                                            summary.candidate(),
                                                            "points",
                                                            points(histogram))));
        }
        List<Plot> plots = new ArrayList<>();
        kinds.forEach(
                (kind, series) ->
                        plots.add(
                                add(
                                        "percentiles",
                                        title + ": latency until " + kind + ", all rounds",
                                        LINES_PX,
                                        Map.of("unit", "µs", "series", series))));
        return plots;
    }

    /** x: how rare, 1 / (1 - p); y: µs. A log scale has no 0, so 1 ns is the least. */
    private static List<double[]> points(Histogram histogram) {
        List<double[]> points = new ArrayList<>();
        double countMax = histogram.getTotalCount();
        histogram
                .percentiles(TICKS_PER_HALF)
                .forEach(
                        value -> {
                            double above = 1 - value.getPercentileLevelIteratedTo() / 100;
                            if (above * countMax >= 1) {
                                double us = Math.max(1, value.getValueIteratedTo()) / 1e3;
                                points.add(new double[] {1 / above, us});
                            }
                        });
        return points;
    }
}
