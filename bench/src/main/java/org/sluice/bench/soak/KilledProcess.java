package org.sluice.bench.soak;

import org.sluice.bench.JavaCommand;
import org.sluice.store.Backend;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a {@link SoakChild}, listens to it for a while, and kills it (kill -9). */
final class KilledProcess {
    /** What every JVM of a soak is started with; the heap is fixed, so that it leaks nothing. */
    static final List<String> JVM_FLAGS =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-XX:+AlwaysPreTouch",
                    "-XX:MaxDirectMemorySize=512m");

    private static final int TOLD_CHARS = 2_000;
    private static final String ERRORS = "errors.txt";

    private final SoakSettings settings;
    private final Path errors;

    KilledProcess(SoakSettings settings) {
        this.settings = settings;
        this.errors = settings.directory().resolveSibling(ERRORS);
    }

    /**
     * The highest index it said was safe, or -1.
     *
     * @param lifeNs how long it may live once it has said something
     */
    long run(Backend backend, long seed, int firstProducer, long lifeNs)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command(backend, seed, firstProducer))
                        .redirectError(errors.toFile())
                        .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
            long safe = follow(lines, lifeNs);
            if (!process.isAlive()) {
                throw new IllegalStateException("a process failed: " + told());
            }
            // Through the handle, which leaves the stream open: what it still said counts.
            process.toHandle().destroyForcibly();
            String line = lines.readLine();
            while (line != null) {
                safe = Math.max(safe, index(line));
                line = lines.readLine();
            }
            return safe;
        } finally {
            process.destroyForcibly().waitFor();
            Files.deleteIfExists(errors);
        }
    }

    private static long follow(BufferedReader lines, long lifeNs) throws IOException {
        long safe = -1;
        String line = lines.readLine();
        long startNs = System.nanoTime();
        while (line != null && System.nanoTime() - startNs < lifeNs) {
            safe = Math.max(safe, index(line));
            line = lines.readLine();
        }
        return line == null ? safe : Math.max(safe, index(line));
    }

    /** What a line says, if it is whole. */
    private static long index(String line) {
        return line.endsWith(" .") ? Long.parseLong(line.substring(0, line.length() - 2)) : -1;
    }

    private String told() throws IOException {
        String text = Files.readString(errors);
        return text.substring(0, Math.min(TOLD_CHARS, text.length()));
    }

    private List<String> command(Backend backend, long seed, int firstProducer) {
        List<String> flags = new ArrayList<>(JVM_FLAGS);
        flags.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"));
        return JavaCommand.of(
                flags,
                SoakChild.class,
                settings.directory(),
                backend.name(),
                seed,
                settings.producers(),
                firstProducer);
    }
}
