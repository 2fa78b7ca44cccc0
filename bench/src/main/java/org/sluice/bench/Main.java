package org.sluice.bench;

import org.sluice.bench.peer.Mode;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The load rig's command line: {@code ./sluice bench MODE ...}. */
@Command(
        name = "sluice bench",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "MODE",
        description = "Measures Sluice, and others side by side with it.",
        footer =
                "%n'./sluice bench micro' runs JMH on the parts, with JMH's own options: -h tells.")
final class Main implements Runnable {
    /** Hands everything behind it to JMH. */
    private static final String MICRO = "micro";

    @Spec private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Shows where in the code an error arose.")
    private boolean isDebugging;

    private Main() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals(MICRO)) {
            org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
            return;
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(out, args));
    }

    /** The exit status: 0, 1 if something failed, 2 if the command line is wrong. */
    static int run(PrintStream out, String... args) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        for (Mode mode : Mode.values()) {
            CommandLine command = new CommandLine(new ModeCommand(mode, out));
            command.getCommandSpec().usageMessage().description(description(mode));
            line.addSubcommand(mode.label(), command);
        }
        line.addSubcommand(new SoakCommand(out));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        Faults faults = new Faults(() -> main.isDebugging);
        line.setParameterExceptionHandler(faults);
        line.setExecutionExceptionHandler(faults);
        return line.execute(args);
    }

    private static String description(Mode mode) {
        return switch (mode) {
            case THROUGHPUT -> "Appends entries, then makes all of them durable.";
            case DURABLE -> "Each producer waits until its entry is durable before the next.";
            case ASYNC_DURABLE ->
                    "Producers go on while at most a window of entries is unacknowledged.";
            case PACED -> "Appends at a fixed rate; latency from when each entry was due.";
            case IDLE ->
                    "Leaves a log alone, then appends single entries at random times and waits for"
                            + " each: CPU time while idle, and what waking up costs.";
            case REPLAY -> "Reads everything, in order, from the page cache.";
            case RANDOM_READ -> "Reads single entries anywhere, alone or many in one go.";
        };
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a mode is missing");
    }
}
