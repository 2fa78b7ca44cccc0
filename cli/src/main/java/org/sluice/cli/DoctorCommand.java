package org.sluice.cli;

import org.sluice.ring.UringProbe;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;

/** {@code sluice doctor}: what this machine can do for a log, and what would bring the rest. */
@Command(
        name = "doctor",
        description = {
            "Tells what this machine and a directory can do, and what to do about each \"no\".",
            "",
            "Nothing is assumed from version numbers: each thing is tried, the directory by a scratch"
                    + " file without a name that is gone at once. With --backend uring the exit code"
                    + " says whether io_uring runs: 0, or 1.",
            ""
        })
final class DoctorCommand extends LogCommand {
    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            description = "A log's directory, or where one is to be made.")
    private Path directory;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    DoctorCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        Path probed = directory == null ? null : nearestDirectory(directory);
        Capabilities capabilities = probe(probed);
        DoctorReport report = new DoctorReport(capabilities, directory, probed);
        streams().report(isJson ? Json.pretty(report.json()) + "\n" : report.table());
        Support uring = capabilities.features().get(Feature.IO_URING);
        if (common().backend() == Backend.URING && !uring.available()) {
            streams().err().println("sluice: io_uring does not run here: " + uring.reason() + ".");
            return ExitCode.FAULT;
        }
        return ExitCode.OK;
    }

    /** A log that is not there yet will be on the filesystem of what is. */
    private static Path nearestDirectory(Path directory) {
        Path at = directory.toAbsolutePath().normalize();
        while (!Files.isDirectory(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private static Capabilities probe(Path directory) {
        return directory == null || Files.isWritable(directory)
                ? UringProbe.probe(directory)
                : UringProbe.probeReadOnly(directory);
    }
}
