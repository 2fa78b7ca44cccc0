package org.sluice.cli;

import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What {@link DoctorCommand} found, as a table for people and as JSON for programs. */
final class DoctorReport {
    /** Known for a directory only. */
    private static final Set<Feature> OF_DIRECTORY =
            EnumSet.of(Feature.DIRECT_IO, Feature.RESERVE_SPACE, Feature.DIRECTORY_SYNC);

    private final Capabilities capabilities;
    private final Path directory;

    /**
     * @param directory the directory looked at, or null
     */
    DoctorReport(Capabilities capabilities, Path directory) {
        this.capabilities = capabilities;
        this.directory = directory;
    }

    String table() {
        StringBuilder text = new StringBuilder();
        addFact(text, "system", capabilities.os() + ", kernel " + capabilities.kernel());
        addFact(text, "Java", java());
        addFact(
                text,
                "liburing",
                capabilities.liburing() == null ? "none" : capabilities.liburing());
        addFact(text, "locked memory", memlock());
        addFact(text, "directory", directory == null ? "none named" : directory.toString());
        if (capabilities.directAlignBytes() > 0) {
            addFact(text, "O_DIRECT alignment", capabilities.directAlignBytes() + " bytes");
        }
        text.append('\n');
        List<String> remedies = new ArrayList<>();
        for (Map.Entry<Feature, Support> entry : capabilities.features().entrySet()) {
            addFeature(text, entry.getKey(), entry.getValue(), remedies);
        }
        text.append('\n').append(conclusion()).append('\n');
        addRemedies(text, remedies);
        return text.toString();
    }

    private static void addFact(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-20s %s\n", name, value));
    }

    private void addFeature(
            StringBuilder text, Feature feature, Support support, List<String> remedies) {
        if (directory == null && OF_DIRECTORY.contains(feature)) {
            text.append(row(feature.label(), "?", "depends on the directory: name one"));
            return;
        }
        String reason = support.reason();
        if (!support.available() && !support.remedy().isEmpty()) {
            int number = remedies.indexOf(support.remedy());
            if (number < 0) {
                number = remedies.size();
                remedies.add(support.remedy());
            }
            reason += " [" + (number + 1) + "]";
        }
        text.append(row(feature.label(), support.available() ? "yes" : "no", reason));
    }

    private static String row(String name, String answer, String reason) {
        return String.format(Locale.ROOT, "%-20s %-6s %s", name, answer, reason).stripTrailing()
                + "\n";
    }

    private static void addRemedies(StringBuilder text, List<String> remedies) {
        if (!remedies.isEmpty()) {
            text.append("\nWhat to do:\n");
        }
        for (int i = 0; i < remedies.size(); i++) {
            text.append("  [").append(i + 1).append("] ").append(remedies.get(i)).append('\n');
        }
    }

    private String conclusion() {
        return automatic() == Backend.URING
                ? "Logs are written through io_uring here."
                : "Logs are written through FileChannel here.";
    }

    /** What {@link Backend#AUTO} stands for here. */
    private Backend automatic() {
        return capabilities.has(Feature.IO_URING) ? Backend.URING : Backend.CHANNEL;
    }

    private static String java() {
        return System.getProperty("java.vendor") + " " + Runtime.version();
    }

    private String memlock() {
        long bytes = capabilities.memlockBytes();
        if (bytes == Capabilities.UNLIMITED) {
            return "unlimited";
        }
        return bytes == Capabilities.UNKNOWN
                ? "unknown"
                : "up to " + Figures.count(bytes) + " bytes";
    }

    ObjectNode json() {
        ObjectNode report =
                Json.object()
                        .put("os", capabilities.os())
                        .put("kernel", capabilities.kernel())
                        .put("java", java())
                        .put("liburing", capabilities.liburing())
                        .put("directory", directory == null ? null : directory.toString())
                        .put("directAlignBytes", capabilities.directAlignBytes())
                        .put("backend", BackendNames.of(automatic()));
        putMemlock(report);
        ObjectNode features = report.putObject("features");
        capabilities
                .features()
                .forEach(
                        (feature, support) ->
                                features.putObject(feature.name())
                                        .put("label", feature.label())
                                        .put("available", support.available())
                                        .put("reason", support.reason())
                                        .put("remedy", support.remedy()));
        return report;
    }

    /** A number, {@code "unlimited"}, or null where it is not known. */
    private void putMemlock(ObjectNode report) {
        long bytes = capabilities.memlockBytes();
        if (bytes == Capabilities.UNLIMITED) {
            report.put("memlockBytes", "unlimited");
        } else if (bytes == Capabilities.UNKNOWN) {
            report.putNull("memlockBytes");
        } else {
            report.put("memlockBytes", bytes);
        }
    }
}
