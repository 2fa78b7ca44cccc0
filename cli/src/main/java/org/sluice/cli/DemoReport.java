package org.sluice.cli;

import org.HdrHistogram.Histogram;
import org.sluice.appender.AppendLog;
import org.sluice.appender.LogStats;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.Locale;

/** Tells what {@code demo} does, step by step as text or at the end as JSON. */
final class DemoReport {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    private final StandardOutput out;
    private final boolean isJson;
    private final ObjectNode json = Json.object();

    DemoReport(StandardOutput out, boolean isJson) {
        this.out = out;
        this.isJson = isJson;
    }

    void onStart(DemoSettings settings, Path directory) {
        json.put("directory", directory.toString())
                .put("threads", settings.threads())
                .put("ordersPerSecondAsked", settings.ordersPerSecond());
        say(
                "Journaling orders from %s threads, %s a second in all, for %s s into %s"
                        .formatted(
                                Integer.toString(settings.threads()),
                                Figures.count(settings.ordersPerSecond()),
                                Integer.toString(settings.seconds()),
                                directory));
    }

    void onOpened(AppendLog log) {
        json.put("backend", BackendNames.of(log.backend()))
                .put("backendReason", log.backendReason());
        say("  backend      %s: %s".formatted(BackendNames.of(log.backend()), log.backendReason()));
    }

    void onJournaled(DemoResult result) {
        LogStats stats = result.stats();
        double orders = Figures.perSecond(result.orders(), result.durationNs());
        double bytes = Figures.perSecond(result.bytes(), result.durationNs());
        json.put("orders", result.orders())
                .put("bytes", result.bytes())
                .put("seconds", result.durationNs() / 1e9)
                .put("ordersPerSecond", orders)
                .put("bytesPerSecond", bytes)
                .put("diskBytes", stats.diskBytes())
                .put("batches", stats.batches());
        say(
                "  journaled    %s orders, %s in %s: %s orders/s, %s/s"
                        .formatted(
                                Figures.count(result.orders()),
                                Figures.bytes((double) result.bytes()),
                                Figures.duration(result.durationNs()),
                                Figures.count(Math.round(orders)),
                                Figures.bytes(bytes)));
        say(
                "  on disk      %s in %s batches of %s orders on average"
                        .formatted(
                                Figures.bytes((double) stats.diskBytes()),
                                Figures.count(stats.batches()),
                                Figures.count(Math.round(stats.batchEntries().getMean()))));
    }

    void onVerified(boolean isUndamaged, long entries, long durationNs) {
        json.put("undamaged", isUndamaged);
        say(
                "  verified     %s, %s, in %s"
                        .formatted(
                                Figures.entries(entries),
                                isUndamaged ? "no damage" : "DAMAGED",
                                Figures.duration(durationNs)));
    }

    void onReadBack(long orders, long faults, boolean isComplete, long durationNs) {
        json.put("readBack", orders).put("complete", isComplete);
        say(
                "  read back    %s orders in %s: %s"
                        .formatted(
                                Figures.count(orders),
                                Figures.duration(durationNs),
                                isComplete
                                        ? "every one as it was written, each thread's in its order"
                                        : "NOT what was written, "
                                                + Figures.count(faults)
                                                + " are wrong"));
    }

    void onMeasured(DemoSettings settings, Histogram enqueueNs, Histogram durableNs) {
        say("");
        say("  latency             p50        p90        p99      p99.9        max");
        addLatency("enqueue", enqueueNs);
        addLatency("durable", durableNs);
        say("");
        say("enqueue: until append returned; durable: from the same moment until the order would");
        say(
                "have survived a power cut. Not counted: the first "
                        + Figures.duration(settings.warmUpNs())
                        + ", while the JVM warms up.");
        json.put("warmUpSeconds", settings.warmUpNs() / 1e9);
    }

    private void addLatency(String name, Histogram latencyNs) {
        ObjectNode node = json.putObject(name + "Ns");
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "  %-12s", name));
        for (double percentile : PERCENTILES) {
            long ns = latencyNs.getValueAtPercentile(percentile);
            node.put(percentile == 100 ? "max" : "p" + shortest(percentile), ns);
            row.append(String.format(Locale.ROOT, " %10s", Figures.duration(ns)));
        }
        node.put("count", latencyNs.getTotalCount());
        say(row.toString());
    }

    private static String shortest(double percentile) {
        return percentile == Math.rint(percentile)
                ? Long.toString(Math.round(percentile))
                : Double.toString(percentile);
    }

    void onEnd(Path directory, boolean isKept) {
        json.put("kept", isKept);
        if (isJson) {
            out.println(Json.pretty(json));
        } else {
            say(
                    isKept
                            ? "The log stays in " + directory
                            : "Removed " + directory + " (--keep keeps it).");
        }
    }

    private void say(String text) {
        if (!isJson) {
            out.println(text);
            out.flush();
        }
    }
}
