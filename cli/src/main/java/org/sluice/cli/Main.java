package org.sluice.cli;

import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Where the command line begins: {@code sluice COMMAND …}. */
public final class Main {
    /** Held here, or its level would be forgotten with it. */
    private static final Logger LIBRARY_LOGGER = Logger.getLogger("org.sluice");

    private Main() {}

    /** Runs one command and ends the process with its {@link ExitCode}. */
    public static void main(String[] args) {
        // Each command says in its own words which backend ran, and why.
        LIBRARY_LOGGER.setLevel(Level.WARNING);
        StandardStreams streams = StandardStreams.ofProcess();
        int code = run(streams, args);
        streams.err().flush();
        System.exit(code);
    }

    /** A variable that is not set must not become the working directory. */
    private static Path path(String name) {
        if (name.isEmpty()) {
            throw new TypeConversionException("the name is empty");
        }
        return Path.of(name);
    }

    /** Runs one command on any streams. */
    static int run(StandardStreams streams, String... args) {
        CommandLine commandLine = new CommandLine(new RootCommand());
        commandLine
                .addSubcommand(new AppendCommand(streams))
                .addSubcommand(new CatCommand(streams))
                .addSubcommand(new InfoCommand(streams))
                .addSubcommand(new VerifyCommand(streams))
                .addSubcommand(new RepairCommand(streams))
                .addSubcommand(new DoctorCommand(streams))
                .addSubcommand(new DemoCommand(streams));
        commandLine.registerConverter(Path.class, Main::path);
        Faults faults = new Faults(streams);
        commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(streams.out().asWriter(), true))
                .setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(faults)
                .setExecutionExceptionHandler(faults);
        int code = commandLine.execute(args);
        return faults.afterFlush(code);
    }
}
