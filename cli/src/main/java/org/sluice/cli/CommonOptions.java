package org.sluice.cli;

import org.sluice.store.Backend;

import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "AUTO",
            description =
                    "What carries bytes to the disk: auto, uring or channel (default: auto). Ignored"
                            + " by commands that only read.")
    private Backend backend;

    @Option(names = "--debug", description = "Shows where in the code an error arose.")
    private boolean isDebugging;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean isHelpAsked;

    Backend backend() {
        return backend;
    }

    boolean isDebugging() {
        return isDebugging;
    }
}
