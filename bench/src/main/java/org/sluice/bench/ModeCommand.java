package org.sluice.bench;

import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;
import org.sluice.bench.report.HistogramFiles;
import org.sluice.bench.report.HtmlReport;
import org.sluice.bench.report.JsonReport;
import org.sluice.bench.report.TableReport;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;

/** One of the modes: runs it, prints tables, writes what else was asked for. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false)
final class ModeCommand implements Callable<Integer> {
    /** Exit status when a candidate did not come to a result. */
    static final int INCOMPLETE = 1;

    private final Mode mode;
    private final PrintStream out;

    @Mixin private RigOptions options;
    @Spec private CommandSpec spec;

    ModeCommand(Mode mode, PrintStream out) {
        this.mode = mode;
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        List<Workload> workloads = options.workloads(mode);
        checkReports();
        boolean isNew = !Files.exists(options.directory());
        Path directory = options.directory().toAbsolutePath().resolve("bench-" + UUID.randomUUID());
        Files.createDirectories(directory);
        Cleanup cleanup = new Cleanup(directory);
        try {
            return run(workloads, directory, cleanup);
        } finally {
            try {
                Directories.delete(directory);
            } finally {
                cleanup.cancel();
            }
            if (isNew) {
                deleteIfEmpty(options.directory());
            }
        }
    }

    static void deleteIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException used) {
            // Someone else's now.
        }
    }

    private int run(List<Workload> workloads, Path directory, Cleanup cleanup) throws IOException {
        TableReport table = new TableReport(out);
        Map<String, String> machine = MachineFacts.of(directory);
        List<DeviceLimit> devices =
                options.hasPeers() ? DeviceLimit.find(directory, cleanup) : List.of();
        Rig rig = new Rig(options.candidates(mode), devices, options.rounds(), directory, cleanup);
        Progress progress = new Progress(System.err, isTerminal(), rig.count(workloads));
        List<Summary> summaries = new ArrayList<>();
        List<String> left = new ArrayList<>();
        // A size that somebody refuses must not cost what was measured before it.
        workloads.forEach(rig::topologies);
        for (Workload workload : workloads) {
            table.topology(workload, rig.topologies(workload));
            rig.left(workload).forEach((name, reason) -> addOnce(left, name + " " + reason));
            List<Summary> done = rig.run(workload, progress);
            progress.end();
            table.print(workload, done);
            summaries.addAll(done);
        }
        if (options.hasPeers() && devices.isEmpty()) {
            left.add("fio is not installed");
        }
        String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        RunResult result = new RunResult(commandLine(), date, machine, summaries, left);
        table.end(result);
        write(result);
        boolean isComplete = summaries.stream().allMatch(summary -> summary.failures().isEmpty());
        return isComplete ? 0 : INCOMPLETE;
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where nobody watches.
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static void addOnce(List<String> lines, String line) {
        if (!lines.contains(line)) {
            lines.add(line);
        }
    }

    private String commandLine() {
        return "./sluice bench "
                + String.join(" ", spec.commandLine().getParent().getParseResult().originalArgs());
    }

    /** Tries to write where reports will go: a run may take hours. */
    private void checkReports() throws IOException {
        for (Path file : new Path[] {options.json(), options.html()}) {
            if (file != null) {
                boolean isNew = !Files.exists(file);
                Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                        .close();
                if (isNew) {
                    Files.delete(file);
                }
            }
        }
        if (options.histograms() != null) {
            Files.createDirectories(options.histograms());
        }
    }

    private void write(RunResult result) throws IOException {
        if (options.json() != null) {
            JsonReport.write(result, options.json());
        }
        if (options.histograms() != null) {
            HistogramFiles.write(result, options.histograms());
        }
        if (options.html() != null) {
            HtmlReport.write(result, options.html());
        }
    }
}
