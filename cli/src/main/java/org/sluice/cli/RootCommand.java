package org.sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice} alone: it needs a command. */
@Command(
        name = "sluice",
        description = "An append-only, durable log in a directory.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        footerHeading = "%nBuilt on first use, with a help of its own:%n",
        footer = {
            "  bench    Measures Sluice, alone and beside others: sluice bench --help",
            "",
            "Exit codes:",
            "  0    done",
            "  1    a fault: the system, the disk or another process stood in the way",
            "  2    the command was not understood",
            "  3    damage: acknowledged data is damaged or missing; or repair has something to do",
            "  4    no such log or entry, or no log that this version can read",
            "  130  ended by Ctrl-C, in order (143: by kill)"
        })
final class RootCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean isHelpAsked;

    @Option(names = "--version", versionHelp = true, description = "Shows the version.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean isVersionAsked;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
