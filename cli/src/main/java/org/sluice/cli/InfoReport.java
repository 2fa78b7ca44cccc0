package org.sluice.cli;

import org.sluice.appender.LogInfo;

import tools.jackson.databind.node.ObjectNode;

/** What {@link InfoCommand} tells. */
final class InfoReport {
    private final LogInfo info;

    InfoReport(LogInfo info) {
        this.info = info;
    }

    boolean isSound() {
        return info.damages().isEmpty();
    }

    String table() {
        Table table =
                new Table()
                        .row("directory", info.directory().toString())
                        .row("log id", "%016x".formatted(info.logId()))
                        .row("format", "version " + info.formatVersion())
                        .row("entries", entries());
        if (info.lastTimeNs() > 0) {
            table.row("first batch", Figures.time(info.firstTimeNs()))
                    .row("last batch", Figures.time(info.lastTimeNs()));
        }
        table.row("proven durable", provenDurable())
                .row(
                        "end",
                        info.isClosed()
                                ? "marked by an orderly close"
                                : "not marked: open now, crashed, or never synced")
                .row("segments", info.segments() + ", of them " + info.sealedSegments() + " sealed")
                .row("other files", Integer.toString(info.otherFiles()))
                .row("size", Figures.bytes((double) info.fileBytes()));
        if (info.tornTailBytes() > 0) {
            table.row("torn tail", Figures.bytes((double) info.tornTailBytes()));
        }
        DamageReport.add(table, info.damages(), info.moreDamages());
        return table.toString();
    }

    private String entries() {
        long count = info.nextIndex() - info.firstIndex();
        return count == 0
                ? "none, the next one is " + info.nextIndex()
                : Figures.count(count)
                        + ", from index "
                        + info.firstIndex()
                        + " to "
                        + (info.nextIndex() - 1);
    }

    private String provenDurable() {
        return info.provenDurableIndex() < 0
                ? "nothing"
                : "up to index " + info.provenDurableIndex();
    }

    ObjectNode json() {
        ObjectNode report =
                Json.object()
                        .put("directory", info.directory().toString())
                        .put("logId", "%016x".formatted(info.logId()))
                        .put("formatVersion", info.formatVersion())
                        .put("firstIndex", info.firstIndex())
                        .put("nextIndex", info.nextIndex())
                        .put("firstTime", Json.time(info.firstTimeNs()))
                        .put("lastTime", Json.time(info.lastTimeNs()))
                        .put("provenDurableIndex", Json.known(info.provenDurableIndex()))
                        .put("closed", info.isClosed())
                        .put("segments", info.segments())
                        .put("sealedSegments", info.sealedSegments())
                        .put("otherFiles", info.otherFiles())
                        .put("fileBytes", info.fileBytes())
                        .put("tornTailBytes", info.tornTailBytes())
                        .put("undamaged", isSound());
        DamageReport.put(report, info.damages(), info.moreDamages());
        return report;
    }
}
