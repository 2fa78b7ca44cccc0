package org.sluice.cli;

import org.sluice.appender.LogVerifier;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code sluice verify}: is every batch of a log as it was written? */
@Command(
        name = "verify",
        description = {
            "Reads every batch of the log in DIR and says whether all of it is sound: exit code 0, or"
                    + " 3.",
            "",
            "Changes nothing, and may run beside the process that writes. An end that a crash left"
                    + " unfinished is no damage: it is cut off when the log is next opened.",
            ""
        })
final class VerifyCommand extends LogCommand {
    @Parameters(paramLabel = "DIR", description = "Directory of the log.")
    private Path directory;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    VerifyCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        long startNs = System.nanoTime();
        LogVerifier.Result result;
        try (ProgressLine progress = new ProgressLine(streams())) {
            result = LogVerifier.verify(directory, new ReadProgress(progress, "verified"));
        }
        VerifyReport report = new VerifyReport(result, System.nanoTime() - startNs);
        streams().report(isJson ? Json.pretty(report.json()) + "\n" : report.table());
        return result.isSound() ? ExitCode.OK : ExitCode.DAMAGED;
    }
}
