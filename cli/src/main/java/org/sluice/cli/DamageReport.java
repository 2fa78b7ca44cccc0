package org.sluice.cli;

import org.sluice.appender.LogDamage;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/** Damage in words and in JSON. */
final class DamageReport {
    private DamageReport() {}

    /**
     * A line for each.
     *
     * @param more how many were counted beyond these
     */
    static void add(Table table, List<LogDamage> damages, long more) {
        for (LogDamage damage : damages) {
            table.line("DAMAGED: " + damage.sentence() + ".");
        }
        if (more > 0) {
            table.line("DAMAGED: and at " + Figures.counted(more, "place", "places") + " more.");
        }
    }

    /** An array called {@code damages}, and how many more; what can't be told is null. */
    static void put(ObjectNode report, List<LogDamage> damages, long more) {
        ArrayNode array = report.putArray("damages");
        for (LogDamage damage : damages) {
            array.addObject()
                    .put("file", damage.file().toString())
                    .put("position", damage.position())
                    .put("firstIndex", Json.known(damage.firstIndex()))
                    .put("lastIndex", Json.known(damage.lastIndex()))
                    .put("description", damage.description());
        }
        report.put("moreDamages", more);
    }
}
