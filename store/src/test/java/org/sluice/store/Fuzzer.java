package org.sluice.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Lets Jazzer call a target for some time, in a JVM of its own, because it rewrites classes to see
 * which code an input reaches. Begins with {@link FuzzCorpus}. What it finds fails the test, with
 * the input as a line for that corpus.
 *
 * <p>{@code -Dsluice.fuzzSeconds=N} says how long; {@code -Dsluice.fuzzCorpus=DIRECTORY} keeps what
 * was found to reach new code there, by target, and goes on with it.
 */
public final class Fuzzer {
    private static final int SECONDS = 60;
    private static final int START_SECONDS = 120;
    private static final int INPUT_BYTES_MAX = 512;
    private static final int HANG_SECONDS = 10;
    private static final String MAIN = "com.code_intelligence.jazzer.Jazzer";

    /** Memory that what a log claims must not use up. */
    private static final List<String> FLAGS =
            List.of(
                    "-ea",
                    "-Xmx512m",
                    "-XX:MaxDirectMemorySize=128m",
                    "-XX:+EnableDynamicAgentLoading",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--enable-native-access=ALL-UNNAMED");

    private final Class<?> target;
    private final String way;
    private final Path directory;
    private final int seconds = Integer.getInteger("sluice.fuzzSeconds", SECONDS);

    /**
     * @param target has a method {@code fuzzerTestOneInput}
     * @param way what its {@code fuzzerInitialize} is given, then {@code directory}
     * @param directory takes all files
     */
    public Fuzzer(Class<?> target, String way, Path directory) {
        this.target = target;
        this.way = way;
        this.directory = directory;
    }

    /** Runs it; prints what was tried. */
    public void run() throws IOException, InterruptedException {
        Path log = directory.resolve("fuzzer.log");
        Process process =
                new ProcessBuilder(command())
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean isOver;
        try {
            isOver = process.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        if (!isOver || process.exitValue() != 0) {
            throw new AssertionError(told(lines));
        }
        System.out.printf(
                "%s %s: %d s; at first %s; in the end %s%n",
                target.getSimpleName(),
                way,
                seconds,
                numbers(lines, "INITED"),
                numbers(lines, "DONE"));
    }

    private List<String> command() throws IOException {
        List<String> words = new ArrayList<>();
        words.add(MAIN);
        words.add("--target_class=" + target.getName());
        words.add("--target_args=" + way + " " + directory);
        words.add("--instrumentation_includes=org.sluice.**");
        words.add("--instrumentation_excludes=" + testClasses());
        words.add("--reproducer_path=" + directory);
        words.add("-artifact_prefix=" + directory + "/");
        words.add("-max_total_time=" + seconds);
        words.add("-max_len=" + INPUT_BYTES_MAX);
        words.add("-len_control=0");
        words.add("-timeout=" + HANG_SECONDS);
        words.add("-rss_limit_mb=0");
        words.add(corpus().toString());
        return JavaCommand.of(FLAGS, System.getProperty("java.class.path"), words);
    }

    /** Coverage counts in the log, not in what makes one up. */
    private String testClasses() {
        return List.of(
                        ForgedLog.class,
                        ForgedSegment.class,
                        FuzzInput.class,
                        HeaderFields.class,
                        MemoryDirectory.class,
                        MemoryInode.class,
                        SegmentBuilder.class,
                        Signatures.class,
                        target)
                .stream()
                .map(type -> type.getName() + "**")
                .collect(Collectors.joining(":"));
    }

    private Path corpus() throws IOException {
        String kept = System.getProperty("sluice.fuzzCorpus");
        Path corpus =
                kept == null
                        ? directory.resolve("corpus")
                        : Path.of(kept).resolve(target.getSimpleName() + "-" + way);
        Files.createDirectories(corpus);
        int count = 0;
        for (byte[] input : FuzzCorpus.inputs()) {
            Files.write(corpus.resolve("seed-" + count++), input);
        }
        return corpus;
    }

    private static String numbers(List<String> lines, String what) {
        return lines.stream()
                .filter(line -> line.startsWith("#") && line.contains("\t" + what))
                .map(line -> line.replaceAll("\\s+", " "))
                .findFirst()
                .orElse("unknown");
    }

    private String told(List<String> lines) {
        int from = 0;
        while (from < lines.size() - 1 && !lines.get(from).startsWith("== ")) {
            from++;
        }
        int shown = lines.get(from).startsWith("== ") ? from : Math.max(0, lines.size() - 50);
        return target.getSimpleName()
                + " "
                + way
                + ": the line of base 64 below goes into fuzz-corpus.txt"
                + System.lineSeparator()
                + String.join(System.lineSeparator(), lines.subList(shown, lines.size()));
    }
}
