package org.sluice.cli;

import org.sluice.appender.LogRepair;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;

/** What {@link RepairCommand} tells. */
final class RepairReport {
    private final LogRepair.Plan plan;
    private final boolean isDone;

    RepairReport(LogRepair.Plan plan, boolean isDone) {
        this.plan = plan;
        this.isDone = isDone;
    }

    String table() {
        if (!plan.isNeeded()) {
            return "There is nothing to repair.\n";
        }
        Table table = new Table();
        DamageReport.add(table, plan.damages(), 0);
        table.line(isDone ? "Done:" : "A repair would do this:");
        for (LogRepair.Step step : plan.steps()) {
            table.line("  " + step.sentence());
        }
        table.line(
                isDone
                        ? "The log opens again and holds %s; %s."
                                .formatted(kept(), plan.lostEntries())
                        : "Then the log opens again and holds %s; %s. Nothing was changed (--yes does it)."
                                .formatted(kept(), plan.lostEntries()));
        return table.toString();
    }

    private String kept() {
        return plan.nextIndex() == plan.firstIndex()
                ? "no entries"
                : "entries " + plan.firstIndex() + " to " + (plan.nextIndex() - 1);
    }

    ObjectNode json() {
        ObjectNode report =
                Json.object()
                        .put("directory", plan.directory().toString())
                        .put("needed", plan.isNeeded())
                        .put("done", isDone && plan.isNeeded())
                        .put("firstIndex", plan.firstIndex())
                        .put("nextIndex", plan.nextIndex())
                        .put("firstLostIndex", Json.known(plan.firstLostIndex()))
                        .put("lastLostIndex", Json.known(plan.lastLostIndex()));
        ArrayNode steps = report.putArray("steps");
        for (LogRepair.Step step : plan.steps()) {
            steps.addObject()
                    .put("action", step.action().name().toLowerCase(Locale.ROOT))
                    .put("file", step.name())
                    .put("position", step.position())
                    .put("unreadableBytes", step.unreadableBytes());
        }
        DamageReport.put(report, plan.damages(), 0);
        return report;
    }
}
