package org.sluice.bench;

import org.sluice.bench.soak.SoakMain;
import org.sluice.bench.soak.SoakSettings;
import org.sluice.ring.UringProbe;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/** Runs a soak in a JVM of its own. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Puts a log under load, opens and kills it again and again, checks all it holds.",
            "Leaves with 0 if files, memory and threads are back where they were; 1 if not; 3 if"
                    + " the log failed."
        })
final class SoakCommand implements Callable<Integer> {
    private static final double MINUTE_NS = 60e9;

    private final PrintStream out;

    @Option(
            names = "--minutes",
            defaultValue = "1",
            paramLabel = "N",
            description = "How long it goes on once it is warm; may be a fraction. Default: 1.")
    private double minutes;

    @Option(
            names = "--backend",
            defaultValue = "AUTO",
            paramLabel = "NAME",
            description = "uring, channel; auto: both in turn, where both run. Default: auto.")
    private Backend backend;

    @Option(
            names = "--producers",
            defaultValue = "3",
            paramLabel = "N",
            description = "Threads that append. Default: 3.")
    private int producers;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of all choices; how threads meet differs each time. Default: random.")
    private Long seed;

    @Option(
            names = "--dir",
            defaultValue = "data",
            paramLabel = "DIR",
            description = "Where the log is; removed afterwards unless it failed. Default: data.")
    private Path parent;

    SoakCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(minutes >= 0 && minutes < Long.MAX_VALUE / MINUTE_NS)) {
            throw new IllegalArgumentException("minutes must not be negative: " + minutes);
        }
        boolean isNew = !Files.exists(parent);
        Path directory = parent.toAbsolutePath().resolve("soak-" + UUID.randomUUID());
        SoakSettings settings =
                new SoakSettings(
                        directory.resolve("log"),
                        (long) (minutes * MINUTE_NS),
                        seed == null ? ThreadLocalRandom.current().nextLong() : seed,
                        producers,
                        backends(),
                        ModeCommand.isTerminal());
        Files.createDirectories(directory);
        Cleanup cleanup = new Cleanup(directory);
        boolean isKept = false;
        try {
            int status = run(settings, cleanup);
            isKept = status != 0;
            if (!isKept) {
                Directories.delete(directory);
            }
            return status;
        } finally {
            if (cleanup.cancel() && isKept) {
                out.println("kept: " + directory);
            }
            if (isNew) {
                ModeCommand.deleteIfEmpty(parent);
            }
        }
    }

    private List<Backend> backends() {
        if (backend != Backend.AUTO) {
            return List.of(backend);
        }
        Support support = UringProbe.probe(null).features().get(Feature.IO_URING);
        if (support.available()) {
            return List.of(Backend.URING, Backend.CHANNEL);
        }
        out.println("without io_uring: " + support.reason());
        return List.of(Backend.CHANNEL);
    }

    private int run(SoakSettings settings, Cleanup cleanup)
            throws IOException, InterruptedException {
        List<String> command =
                JavaCommand.of(SoakMain.JVM_FLAGS, SoakMain.class, settings.words().toArray());
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(SoakMain.ENVIRONMENT);
        Process process = cleanup.start(builder);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(out::println);
        }
        return process.waitFor();
    }
}
