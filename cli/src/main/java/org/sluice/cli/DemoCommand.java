package org.sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code sluice demo}: the whole of it in a few seconds. */
@Command(
        name = "demo",
        description = {
            "Journals a made-up order flow from several threads for some seconds, then verifies the"
                    + " log, reads it back and reports.",
            ""
        })
final class DemoCommand extends LogCommand {
    private static final String PREFIX = "sluice-demo-";
    private static final int LIMIT = 1_000_000_000;
    private static final long INTERRUPTED_WAIT_SECONDS = 30;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long to journal (default: 3).")
    private int seconds;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many threads append (default: 4).")
    private int threads;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200000",
            description = "Orders a second, of all threads (default: 200000).")
    private int ordersPerSecond;

    @Option(
            names = "--in",
            paramLabel = "DIR",
            description =
                    "Where to make the log, to try another disk (default: the temporary files).")
    private Path parent;

    @Option(names = "--keep", description = "Keeps the log and says where it is.")
    private boolean isKept;

    @Option(names = "--json", description = "Prints the summary as JSON.")
    private boolean isJson;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isInterrupted;

    DemoCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws IOException {
        check("--seconds", seconds, 3_600);
        check("--threads", threads, 1_024);
        check("--rate", ordersPerSecond, LIMIT);
        if (parent != null && !Files.isDirectory(parent)) {
            throw misuse("--in " + parent + " is no directory");
        }
        DemoSettings settings = new DemoSettings(threads, seconds, ordersPerSecond);
        Path directory =
                parent == null
                        ? Files.createTempDirectory(PREFIX)
                        : Files.createTempDirectory(parent, PREFIX);
        Interruption interruption = new Interruption(this::interrupted);
        DemoReport report = new DemoReport(out(), isJson);
        try (ProgressLine progress = new ProgressLine(streams())) {
            Demo demo = new Demo(settings, directory, report, progress, () -> isInterrupted);
            boolean isGood = demo.run(common().backend());
            report.onEnd(directory, isKept);
            return isGood ? ExitCode.OK : ExitCode.DAMAGED;
        } finally {
            if (!isKept) {
                delete(directory);
            }
            ended.countDown();
            interruption.close();
        }
    }

    private void check(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw misuse(name + " must be from 1 to " + max + ": " + value);
        }
    }

    private void interrupted() {
        isInterrupted = true;
        try {
            if (!ended.await(INTERRUPTED_WAIT_SECONDS, TimeUnit.SECONDS)) {
                streams().err().println("sluice: the demo did not end in time.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Files.delete(directory);
    }
}
