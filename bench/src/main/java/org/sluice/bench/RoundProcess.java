package org.sluice.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Runs a round in a JVM of its own, so that no candidate inherits another's heap, threads or
 * compiled code, and the process's CPU time is the candidate's alone.
 */
final class RoundProcess {
    /** The same for every candidate. */
    static final List<String> JVM_FLAGS =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:+UseParallelGC",
                    "-Xms2g",
                    "-Xmx2g",
                    "-XX:MaxDirectMemorySize=2g");

    /** No round takes that long, reading back included; whoever hangs must not hang the others. */
    private static final int LIMIT_MINUTES = 15;

    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().unstarted(task));

    private static final int LINES_TOLD = 3;
    private static final String LIBRARIES = "lib";
    private static final Set<String> FILES = Set.of("spec.json", "result.json", "errors.txt");

    private final RoundSpec spec;
    private final Path scratch;
    private final Cleanup cleanup;
    private Process process;
    private volatile boolean isTooLate;

    /** {@code scratch} takes the files by which the two processes talk. */
    RoundProcess(RoundSpec spec, Path scratch, Cleanup cleanup) {
        this.spec = spec;
        this.scratch = scratch;
        this.cleanup = cleanup;
    }

    /** Runs it to its end; a failure is a result too. */
    RoundResult run(LongConsumer progress) throws IOException {
        Path specFile = scratch.resolve("spec.json");
        Path resultFile = scratch.resolve("result.json");
        Path errors = scratch.resolve("errors.txt");
        Files.createDirectories(scratch);
        Files.createDirectories(Path.of(spec.directory()));
        Files.writeString(specFile, Json.MAPPER.writeValueAsString(spec));
        try {
            process =
                    cleanup.start(
                            new ProcessBuilder(command(specFile, resultFile))
                                    .redirectError(errors.toFile()));
            try {
                ScheduledFuture<?> limit =
                        TIMER.schedule(this::giveUp, LIMIT_MINUTES, TimeUnit.MINUTES);
                follow(progress);
                int status = process.waitFor();
                limit.cancel(false);
                return result(status, resultFile, errors);
            } finally {
                stop();
                clear();
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } finally {
            for (String name : FILES) {
                Files.deleteIfExists(scratch.resolve(name));
            }
            Directories.delete(scratch.resolve(LIBRARIES));
            Directories.delete(Path.of(spec.directory()));
        }
    }

    private List<String> command(Path specFile, Path resultFile) throws IOException {
        List<String> flags = new ArrayList<>(JVM_FLAGS);
        flags.addAll(spec.candidate().kind().jvmFlags(scratch.resolve(LIBRARIES)));
        return JavaCommand.of(flags, RoundMain.class, specFile, resultFile);
    }

    private void follow(LongConsumer progress) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                if (!line.isEmpty() && line.chars().allMatch(Character::isDigit)) {
                    progress.accept(Long.parseLong(line));
                }
                line = lines.readLine();
            }
        }
    }

    private void giveUp() {
        isTooLate = true;
        process.destroyForcibly();
    }

    private RoundResult result(int status, Path resultFile, Path errors) throws IOException {
        if (status == RoundMain.DONE && Files.exists(resultFile)) {
            return Json.MAPPER.readValue(Files.readString(resultFile), RoundResult.class);
        }
        if (isTooLate) {
            return RoundResult.failed(
                    spec.candidate().name(), "was not done after " + LIMIT_MINUTES + " minutes");
        }
        List<String> told =
                Files.readAllLines(errors).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("WARNING"))
                        .limit(LINES_TOLD)
                        .map(String::strip)
                        .toList();
        return RoundResult.failed(
                spec.candidate().name(),
                "its process left with " + status + ": " + String.join(" / ", told));
    }

    private void clear() throws IOException {
        for (Path left : spec.candidate().kind().leftBehind(process.pid())) {
            Directories.delete(left);
        }
    }

    /** Ends the process, if it still runs, and waits for it: its files are removed next. */
    private void stop() {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        running.destroyForcibly();
        try {
            running.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
