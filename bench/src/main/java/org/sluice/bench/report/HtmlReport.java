package org.sluice.bench.report;

import org.sluice.bench.Json;
import org.sluice.bench.RunResult;
import org.sluice.bench.Spread;
import org.sluice.bench.Summary;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * What a run came to, as one page that needs nothing else: tables in plain HTML, plots by Chart.js,
 * whose script is in the page.
 */
public final class HtmlReport {
    private static final String LIBRARY = "/META-INF/resources/webjars/chart.js/";
    private static final String LIBRARY_VERSION =
            "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
    private static final Pattern SOURCE_MAP = Pattern.compile("(?m)^//# sourceMappingURL=.*$");
    private static final double[] PERCENTILES = {50, 99, 99.9, 99.99, 100};

    private final RunResult result;
    private final Plots plots = new Plots();
    private final StringBuilder body = new StringBuilder();

    private HtmlReport(RunResult result) {
        this.result = result;
    }

    /** Writes {@code file}. */
    public static void write(RunResult result, Path file) throws IOException {
        Files.writeString(file, new HtmlReport(result).page());
    }

    private String page() throws IOException {
        body();
        return resource("report.html")
                .replace("${body}", body)
                .replace("${plots}", inScript(Json.MAPPER.writeValueAsString(plots.all())))
                .replace("${script}", inScript(resource("report.js")))
                .replace("${library}", inScript(library()));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("missing in the program: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String library() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = HtmlReport.class.getResourceAsStream(LIBRARY_VERSION)) {
            if (in == null) {
                throw new IOException("missing in the program: " + LIBRARY_VERSION);
            }
            properties.load(in);
        }
        String version = properties.getProperty("version");
        String script = resource(LIBRARY + version + "/dist/chart.umd.min.js");
        return SOURCE_MAP.matcher(script).replaceAll("");
    }

    /** A script must not hold what ends it. */
    private static String inScript(String text) {
        return text.replace("</", "<\\/");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private void body() {
        body.append("<p>").append(escape(result.date())).append("<br><code>");
        body.append(escape(result.command())).append("</code></p>\n");
        Map<Workload, List<Summary>> workloads = new LinkedHashMap<>();
        for (Summary summary : result.summaries()) {
            workloads
                    .computeIfAbsent(summary.workload(), workload -> new ArrayList<>())
                    .add(summary);
        }
        plots.bySize(result.summaries()).forEach(this::canvas);
        workloads.forEach(this::workload);
        if (!result.left().isEmpty()) {
            body.append("<h2>Not asked</h2>\n<ul>\n");
            result.left()
                    .forEach(line -> body.append("<li>").append(escape(line)).append("</li>\n"));
            body.append("</ul>\n");
        }
        machine();
    }

    private void workload(Workload workload, List<Summary> summaries) {
        String title = workload.label();
        body.append("<h2>").append(escape(title)).append("</h2>\n");
        plots.bars(title, summaries).forEach(this::canvas);
        if (workload.mode() == Mode.IDLE) {
            idle(summaries);
        } else {
            rates(summaries);
        }
        plots.percentiles(title, summaries).forEach(this::canvas);
        latencies(summaries);
        topologies(summaries);
    }

    private void canvas(Plots.Plot plot) {
        body.append("<div class=\"plot\" style=\"height:")
                .append(plot.heightPx())
                .append("px\"><canvas id=\"")
                .append(plot.id())
                .append("\" role=\"img\" aria-label=\"")
                .append(escape(plot.title()))
                .append("\"></canvas></div>\n");
    }

    private void begin(String... columns) {
        body.append("<div class=\"scroll\"><table>\n<tr>");
        for (int i = 0; i < columns.length; i++) {
            body.append(i == 0 ? "<th>" : "<th class=\"number\">");
            body.append(escape(columns[i])).append("</th>");
        }
        body.append("</tr>\n");
    }

    private void end() {
        body.append("</table></div>\n");
    }

    private void number(String text) {
        body.append("<td class=\"number\">").append(text).append("</td>");
    }

    private void rates(List<Summary> summaries) {
        begin(
                "median",
                "entries/s",
                "lowest – highest",
                "MB/s",
                "CPU µs/entry",
                "whole machine",
                "stolen, % of a core",
                "disk B/entry");
        for (Summary summary : summaries) {
            String name = "<tr><td>" + escape(summary.candidate()) + "</td>";
            if (!summary.rounds().isEmpty()) {
                Spread rate = summary.entriesPerSecond();
                body.append(name);
                number(String.format("%,.0f", rate.median()));
                number(String.format("%,.0f – %,.0f", rate.min(), rate.max()));
                number(String.format("%,.1f", summary.megabytesPerSecond().median()));
                number(String.format("%.3f", summary.cpuMicrosPerEntry().median()));
                boolean isKnown = summary.knowsMachine();
                number(isKnown ? format("%.3f", summary.machineMicrosPerEntry()) : "–");
                number(isKnown ? format("%.0f", summary.stolenPercent()) : "–");
                number(String.format("%,.1f", summary.diskBytesPerEntry().median()));
                body.append("</tr>\n");
            }
            failures(summary, name, 7);
        }
        end();
    }

    private static String format(String format, Spread value) {
        return String.format(format, value.median());
    }

    private void idle(List<Summary> summaries) {
        begin(
                "median",
                "CPU while idle, % of a core",
                "lowest – highest",
                "CPU µs/entry",
                "disk B/entry");
        for (Summary summary : summaries) {
            String name = "<tr><td>" + escape(summary.candidate()) + "</td>";
            if (!summary.rounds().isEmpty()) {
                Spread percent = summary.idlePercent();
                body.append(name);
                boolean isKnown = summary.wasIdle();
                number(isKnown ? String.format("%.1f", percent.median()) : "–");
                number(isKnown ? String.format("%.1f – %.1f", percent.min(), percent.max()) : "–");
                number(String.format("%,.1f", summary.cpuMicrosPerEntry().median()));
                number(String.format("%,.1f", summary.diskBytesPerEntry().median()));
                body.append("</tr>\n");
            }
            failures(summary, name, 4);
        }
        end();
    }

    private void failures(Summary summary, String name, int columns) {
        for (String failure : summary.failures()) {
            body.append(name).append("<td class=\"failed\" colspan=\"");
            body.append(columns).append("\">failed: ");
            body.append(escape(failure)).append("</td></tr>\n");
        }
    }

    private void latencies(List<Summary> summaries) {
        if (summaries.stream().allMatch(summary -> summary.latencies().isEmpty())) {
            return;
        }
        begin("latency, µs (median of rounds)", "until", "p50", "p99", "p99.9", "p99.99", "max");
        for (Summary summary : summaries) {
            summary.latencies()
                    .forEach(
                            (kind, histograms) -> {
                                body.append("<tr><td>").append(escape(summary.candidate()));
                                body.append("</td>");
                                number(kind);
                                for (double percentile : PERCENTILES) {
                                    Spread spread =
                                            Summary.percentileMicros(histograms, percentile);
                                    number(String.format("%,.1f", spread.median()));
                                }
                                body.append("</tr>\n");
                            });
        }
        end();
    }

    private void topologies(List<Summary> summaries) {
        body.append("<div class=\"scroll\"><table>\n");
        body.append("<tr><th colspan=\"2\">an entry's way, and the settings</th></tr>\n");
        for (Summary summary : summaries) {
            body.append("<tr><td>").append(escape(summary.candidate()));
            body.append("</td><td class=\"topology\">").append(escape(summary.topology()));
            body.append("</td></tr>\n");
        }
        end();
    }

    private void machine() {
        body.append("<h2>The machine</h2>\n<div class=\"scroll\"><table>\n");
        result.machine()
                .forEach(
                        (name, value) ->
                                body.append("<tr><td>")
                                        .append(escape(name))
                                        .append("</td><td>")
                                        .append(escape(value))
                                        .append("</td></tr>\n"));
        end();
    }
}
