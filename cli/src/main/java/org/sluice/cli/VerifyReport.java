package org.sluice.cli;

import org.sluice.appender.LogVerifier;

import tools.jackson.databind.node.ObjectNode;

/** What {@link VerifyCommand} tells. */
final class VerifyReport {
    private final LogVerifier.Result result;
    private final long durationNs;

    VerifyReport(LogVerifier.Result result, long durationNs) {
        this.result = result;
        this.durationNs = durationNs;
    }

    String table() {
        Table table = new Table();
        DamageReport.add(table, result.damages(), result.moreDamages());
        table.line(
                "%s in %s of %s, %s, read in %s: %s."
                        .formatted(
                                entries(),
                                Figures.counted(result.batches(), "batch", "batches"),
                                Figures.counted(result.segments(), "segment", "segments"),
                                Figures.bytes((double) result.batchBytes()),
                                Figures.duration(durationNs),
                                result.isSound() ? "no damage" : "DAMAGED"));
        if (result.tornTailBytes() > 0) {
            table.line(
                    "Behind the end stand %s that a crash, or a writer at work, left unfinished."
                            .formatted(Figures.bytes((double) result.tornTailBytes())));
        }
        return table.toString();
    }

    private String entries() {
        String count = Figures.entries(result.entries());
        if (result.entries() == 0) {
            return count;
        }
        String aborted =
                result.aborted() == 0 ? "" : ", " + Figures.count(result.aborted()) + " aborted";
        return "%s (%d to %d%s)"
                .formatted(count, result.firstIndex(), result.nextIndex() - 1, aborted);
    }

    ObjectNode json() {
        ObjectNode report =
                Json.object()
                        .put("directory", result.directory().toString())
                        .put("undamaged", result.isSound())
                        .put("segments", result.segments())
                        .put("batches", result.batches())
                        .put("entries", result.entries())
                        .put("aborted", result.aborted())
                        .put("batchBytes", result.batchBytes())
                        .put("firstIndex", result.firstIndex())
                        .put("nextIndex", result.nextIndex())
                        .put("firstTime", Json.time(result.firstTimeNs()))
                        .put("lastTime", Json.time(result.lastTimeNs()))
                        .put("provenDurableIndex", Json.known(result.provenDurableIndex()))
                        .put("closed", result.isClosed())
                        .put("tornTailBytes", result.tornTailBytes())
                        .put("seconds", durationNs / 1e9);
        DamageReport.put(report, result.damages(), result.moreDamages());
        return report;
    }
}
