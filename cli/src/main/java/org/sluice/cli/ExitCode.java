package org.sluice.cli;

/** What the process's exit code says. Ctrl-C gives 130, kill 143, by the shell's rule. */
final class ExitCode {
    /** Done; also when whoever read standard output had enough and closed it. */
    static final int OK = 0;

    /** The operating system, the disk or another process stood in the way. */
    static final int FAULT = 1;

    /** The command was not understood. */
    static final int USAGE = 2;

    /** Acknowledged data is damaged or missing. */
    static final int DAMAGED = 3;

    /** There is no such log, no such entry, or it is not a log this version can read. */
    static final int NOT_THERE = 4;

    private ExitCode() {}
}
