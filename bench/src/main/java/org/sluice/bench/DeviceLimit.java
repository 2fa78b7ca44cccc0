package org.sluice.bench;

import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Workload;
import org.sluice.ring.UringProbe;
import org.sluice.store.Capabilities.Feature;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the device gives, by {@code fio}: 256 KiB written in order with O_DIRECT, 16 in flight, over
 * blocks already written, or on blocks that are reserved and new, as those of a log that keeps all
 * its segments are; or, where each entry is waited for, 4 KiB with O_DSYNC, one at a time.
 */
final class DeviceLimit {
    private static final long WRITTEN_BYTES_MAX = 1L << 30;
    private static final long NEW_BYTES_MAX = 32L << 30;
    private static final String ERRORS = "fio.errors";
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    private final String program;
    private final boolean isNew;
    private final Path directory;
    private final Cleanup cleanup;

    /** Where io_uring does not run, fio would fail with it as well. */
    private final String engine =
            UringProbe.probe(null).features().get(Feature.IO_URING).available()
                    ? "io_uring"
                    : "libaio";

    private DeviceLimit(String program, boolean isNew, Path directory, Cleanup cleanup) {
        this.program = program;
        this.isNew = isNew;
        this.directory = directory;
        this.cleanup = cleanup;
    }

    /** None if fio is not installed. */
    static List<DeviceLimit> find(Path directory, Cleanup cleanup) {
        return find("fio", directory, cleanup);
    }

    /** With fio at {@code program}. */
    static List<DeviceLimit> find(String program, Path directory, Cleanup cleanup) {
        try {
            Process process = new ProcessBuilder(program, "--version").start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0
                    ? List.of(
                            new DeviceLimit(program, false, directory, cleanup),
                            new DeviceLimit(program, true, directory, cleanup))
                    : List.of();
        } catch (IOException notInstalled) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    String name() {
        return isNew ? "fio (new blocks)" : "fio (device)";
    }

    boolean fits(Workload workload) {
        boolean isMeasured = !workload.mode().reads() && workload.mode() != Mode.PACED;
        return isMeasured && !(isNew && workload.mode().waits());
    }

    String topology(Workload workload) {
        String pauses = workload.mode() == Mode.IDLE ? ", with pauses" : "";
        return workload.mode().waits()
                ? "pwrite 4 KiB, O_DIRECT | O_DSYNC, 1 in flight, over written blocks" + pauses
                : engine
                        + " 256 KiB, O_DIRECT, 16 in flight, "
                        + (isNew ? "on reserved blocks never written" : "over written blocks")
                        + "; as entries of "
                        + workload.entryBytes()
                        + " B";
    }

    RoundResult run(Workload workload) throws IOException {
        Path file = directory.resolve("fio.data");
        Files.createDirectories(directory);
        // As the candidates have it: what the round before left must not be measured too.
        QuietDevice.await(directory);
        try {
            return measure(workload, file);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory.resolve(ERRORS));
        }
    }

    private RoundResult measure(Workload workload, Path file)
            throws IOException, InterruptedException {
        Path errors = directory.resolve(ERRORS);
        Process process =
                cleanup.start(
                        new ProcessBuilder(command(workload, file)).redirectError(errors.toFile()));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            String told = Files.readString(errors).lines().findFirst().orElse("nothing told");
            return RoundResult.failed(name(), "fio left with " + status + ": " + told.strip());
        }
        int json = output.indexOf('{');
        return result(workload, Json.MAPPER.readTree(output.substring(Math.max(0, json))));
    }

    private List<String> command(Workload workload, Path file) throws IOException {
        long bytesMax = isNew ? newBytesMax() : WRITTEN_BYTES_MAX;
        long bytes = Math.min(bytesMax, workload.entries() * workload.entryBytes());
        bytes = Math.max(1L << 20, bytes >> 18 << 18);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                program,
                                "--name=limit",
                                "--filename=" + file,
                                "--rw=write",
                                "--direct=1",
                                "--size=" + bytes,
                                "--runtime="
                                        + Math.max(1, workload.durationNs() / 1_000_000)
                                        + "ms",
                                "--output-format=json"));
        command.addAll(
                isNew
                        ? List.of("--fallocate=posix")
                        : List.of("--overwrite=1", "--fallocate=none", "--time_based"));
        command.addAll(
                workload.mode().waits()
                        ? List.of("--bs=4k", "--iodepth=1", "--ioengine=psync", "--sync=dsync")
                        : List.of("--bs=256k", "--iodepth=16", "--ioengine=" + engine));
        if (workload.mode() == Mode.IDLE) {
            command.add("--thinktime=" + 1_000_000 / workload.ratePerSecond() + "us");
        }
        return command;
    }

    private RoundResult result(Workload workload, JsonNode report) {
        JsonNode job = report.path("jobs").path(0);
        JsonNode write = job.path("write");
        long elapsedNs = write.path("runtime").asLong() * 1_000_000;
        boolean isDurable = workload.mode().waits();
        long bytes = write.path("io_bytes").asLong();
        long operations = write.path("total_ios").asLong();
        long entries = isDurable ? operations : bytes / workload.entryBytes();
        double cpu = job.path("usr_cpu").asDouble() + job.path("sys_cpu").asDouble();
        return new RoundResult(
                name(),
                entries,
                new Usage(elapsedNs, (long) (cpu / 100 * elapsedNs), -1, -1, bytes),
                bytes,
                RoundResult.NEVER_IDLE,
                isDurable ? Map.of("durable", latencies(write, operations)) : Map.of(),
                "");
    }

    /** It ends at the file's end, for what it then overwrites is new no more. */
    private long newBytesMax() throws IOException {
        return Math.min(NEW_BYTES_MAX, Files.getFileStore(directory).getUsableSpace() / 2);
    }

    /** fio keeps percentiles only: a histogram that has them, in the right numbers between. */
    private static String latencies(JsonNode write, long operations) {
        Latencies latencies = new Latencies();
        JsonNode percentiles = write.path("clat_ns").path("percentile");
        double before = 0;
        for (double percentile : PERCENTILES) {
            long ns = percentiles.path(String.format(Locale.ROOT, "%.6f", percentile)).asLong();
            long count = Math.round((percentile - before) / 100 * operations);
            before = percentile;
            if (count > 0) {
                latencies.of(Latencies.Kind.DURABLE).recordValueWithCount(ns, count);
            }
        }
        Latencies.record(
                latencies.of(Latencies.Kind.DURABLE), write.path("clat_ns").path("max").asLong());
        String encoded = latencies.encode().get("durable");
        if (encoded == null) {
            throw new UncheckedIOException(new IOException("fio gave no latencies"));
        }
        return encoded;
    }
}
