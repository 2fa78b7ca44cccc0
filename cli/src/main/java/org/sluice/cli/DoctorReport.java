package org.sluice.cli;

import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What {@link DoctorCommand} found, as a table for people and as JSON for programs. */
final class DoctorReport {
    /** Known for a directory only. */
    private static final Set<Feature> OF_DIRECTORY =
            EnumSet.of(Feature.DIRECT_IO, Feature.RESERVE_SPACE, Feature.DIRECTORY_SYNC);

    private final Capabilities capabilities;
    private final Path asked;
    private final Path directory;

    /**
     * @param asked the directory asked about, or null
     * @param directory the one looked at in its place, which exists, or null
     */
    DoctorReport(Capabilities capabilities, Path asked, Path directory) {
        this.capabilities = capabilities;
        this.asked = asked;
        this.directory = directory;
    }

    String table() {
        Table table =
                new Table()
                        .row("system", capabilities.os() + ", kernel " + capabilities.kernel())
                        .row("Java", java())
                        .row(
                                "liburing",
                                Objects.requireNonNullElse(capabilities.liburing(), "none"))
                        .row("locked memory", memlock())
                        .row("directory", place());
        if (capabilities.directAlignBytes() > 0) {
            table.row("O_DIRECT alignment", capabilities.directAlignBytes() + " bytes");
        }
        table.line("");
        List<String> remedies = new ArrayList<>();
        capabilities
                .features()
                .forEach(
                        (feature, support) ->
                                table.row(feature.label(), answer(feature, support, remedies)));
        table.line("").line(conclusion());
        if (!remedies.isEmpty()) {
            table.line("").line("What to do:");
        }
        for (int i = 0; i < remedies.size(); i++) {
            table.line("  [" + (i + 1) + "] " + remedies.get(i));
        }
        return table.toString();
    }

    private String place() {
        if (directory == null) {
            return "none named";
        }
        String place = directory.toString();
        if (!Files.isDirectory(asked)) {
            String why = Files.exists(asked) ? " is no directory" : " is not there yet";
            place += ", because " + asked + why;
        }
        return isWritable() ? place : place + "; this user can't write to it";
    }

    private boolean isWritable() {
        return Files.isWritable(directory);
    }

    /**
     * Yes, or no and why, with the number of what to do about it, which may be in the list already.
     */
    private String answer(Feature feature, Support support, List<String> remedies) {
        if (directory == null && OF_DIRECTORY.contains(feature)) {
            return "depends on the directory: name one";
        }
        if (support.available()) {
            return support.reason().isEmpty() ? "yes" : "yes: " + support.reason();
        }
        String no = "no: " + support.reason();
        if (support.remedy().isEmpty()) {
            return no;
        }
        if (!remedies.contains(support.remedy())) {
            remedies.add(support.remedy());
        }
        return no + " [" + (remedies.indexOf(support.remedy()) + 1) + "]";
    }

    private String conclusion() {
        return automatic() == Backend.URING
                ? "Unless told otherwise, logs are written through io_uring here."
                : "Unless told otherwise, logs are written through FileChannel here.";
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
                        .put("writable", directory == null ? null : isWritable())
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
