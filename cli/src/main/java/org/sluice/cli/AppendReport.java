package org.sluice.cli;

import org.sluice.appender.AppendLog;

import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;

/** Counts what is appended, and tells: while it goes on, when it is durable, and at the end. */
final class AppendReport {
    private final StandardStreams streams;
    private final boolean isJson;
    private final ProgressLine progress;
    private final long startNs = System.nanoTime();
    private long entries;
    private long bytes;

    AppendReport(StandardStreams streams, boolean isJson) {
        this.streams = streams;
        this.isJson = isJson;
        progress = new ProgressLine(streams);
    }

    void onEntry(int length) {
        entries++;
        bytes += length;
    }

    /** Everything up to {@code index} is safe: whoever reads this line may count on it. */
    void onDurable(long index) {
        String line =
                isJson ? Json.line(Json.object().put("durableIndex", index)) : Long.toString(index);
        streams.report(line + "\n");
    }

    void showProgress() {
        progress.show(this::figures);
    }

    void onClosed(AppendLog log) {
        progress.close();
        if (isJson) {
            streams.report(Json.line(summary(log)) + "\n");
        } else {
            streams.err()
                    .println(
                            figures()
                                    + "; backend "
                                    + BackendNames.of(log.backend())
                                    + ": "
                                    + log.backendReason());
        }
    }

    private String figures() {
        long durationNs = durationNs();
        return String.format(
                Locale.ROOT,
                "%s, %s in %.2f s, %s entries/s, %s/s",
                Figures.entries(entries),
                Figures.bytes((double) bytes),
                durationNs / 1e9,
                Figures.count(Math.round(Figures.perSecond(entries, durationNs))),
                Figures.bytes(Figures.perSecond(bytes, durationNs)));
    }

    private ObjectNode summary(AppendLog log) {
        long durationNs = durationNs();
        return Json.object()
                .put("entries", entries)
                .put("bytes", bytes)
                .put("seconds", durationNs / 1e9)
                .put("entriesPerSecond", Figures.perSecond(entries, durationNs))
                .put("bytesPerSecond", Figures.perSecond(bytes, durationNs))
                .put("firstIndex", log.firstIndex())
                .put("nextIndex", log.nextIndex())
                .put("durableIndex", Json.known(log.durableIndex()))
                .put("backend", BackendNames.of(log.backend()))
                .put("backendReason", log.backendReason());
    }

    private long durationNs() {
        return System.nanoTime() - startNs;
    }
}
