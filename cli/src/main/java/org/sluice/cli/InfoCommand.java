package org.sluice.cli;

import org.sluice.appender.LogInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code sluice info}: what a log holds, at a glance. */
@Command(
        name = "info",
        description = {
            "Tells what the log in DIR holds: entries, times, files.",
            "",
            "A quick look, beside the process that writes or without one, that changes nothing;"
                    + " verify reads everything. Exit code 3 if it meets damage, else 0.",
            ""
        })
final class InfoCommand extends LogCommand {
    @Parameters(paramLabel = "DIR", description = "Directory of the log.")
    private Path directory;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    InfoCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        InfoReport report = new InfoReport(LogInfo.of(directory));
        streams().report(isJson ? Json.pretty(report.json()) + "\n" : report.table());
        return report.isSound() ? ExitCode.OK : ExitCode.DAMAGED;
    }
}
