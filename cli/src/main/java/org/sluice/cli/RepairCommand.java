package org.sluice.cli;

import org.sluice.appender.LogRepair;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code sluice repair}: makes a damaged log one that opens again. */
@Command(
        name = "repair",
        description = {
            "Makes a damaged log one that opens again, with every entry up to the damage.",
            "",
            "Without --yes changes nothing and tells what would be lost: exit code 3 if there is"
                    + " damage, else 0. With --yes each file that is cut is copied first, and each that"
                    + " is dropped is renamed, both to damaged-NAME in DIR.",
            ""
        })
final class RepairCommand extends LogCommand {
    @Parameters(paramLabel = "DIR", description = "Directory of the log.")
    private Path directory;

    @Option(names = "--yes", description = "Carries the repair out.")
    private boolean isMeant;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    RepairCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        LogRepair.Plan plan = plan();
        RepairReport report = new RepairReport(plan, isMeant);
        streams().report(isJson ? Json.pretty(report.json()) + "\n" : report.table());
        return isMeant || !plan.isNeeded() ? ExitCode.OK : ExitCode.DAMAGED;
    }

    /** Begins at 0 again for each reading: of the log as it is, and as each step would leave it. */
    private LogRepair.Plan plan() {
        try (ProgressLine line = new ProgressLine(streams())) {
            ReadProgress progress = new ReadProgress(line, "read");
            return isMeant
                    ? LogRepair.execute(directory, progress)
                    : LogRepair.plan(directory, progress);
        }
    }
}
