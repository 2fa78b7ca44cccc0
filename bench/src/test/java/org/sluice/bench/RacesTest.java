package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs jcstress in a JVM of its own over the races of {@code org.sluice.appender}: none may end in
 * a forbidden way, and every one with a mistake in it must.
 */
class RacesTest {
    /** Races of two, which run on any machine with two processors. */
    private static final int RACES_MIN = 14;

    private static final Set<String> MUTANTS =
            Set.of(
                    "RaceMutants.AbortedTooLate",
                    "RaceMutants.ParkedWithoutALook",
                    "RaceMutants.PublishedTooSoon",
                    "RaceMutants.ReleasedTooSoon");

    /** Enough to show that a run can fail. */
    private static final Set<String> MUTANTS_IN_SHORT =
            Set.of("RaceMutants.ParkedWithoutALook", "RaceMutants.PublishedTooSoon");

    /** Races of three and four. */
    private static final Set<String> CROWDS =
            Set.of(
                    "SlotsRaces.Abort",
                    "SlotsRaces.TwoProducers",
                    "WaiterRaces.OneLeaves",
                    "WaiterRaces.TwoWaiters");

    private static final Set<String> CROWD_MUTANTS =
            Set.of(
                    "RaceMutants.OneOfTwoParkedWithoutALook",
                    "RaceMutants.OneOfTwoPublishedTooSoon");

    /**
     * jcstress leaves out races with more actors than the machine has cores. Of a system that it
     * does not know it asks the JVM how many there are, and the JVM can be told. More actors than
     * processors take turns, which yielding makes many.
     */
    private static final List<String> AS_ON_FOUR_PROCESSORS =
            List.of("-Dos.name=unknown", "-XX:ActiveProcessorCount=4");

    private static final long LIMIT_MINUTES = 20;

    /** {@code ....... [OK] org.sluice.appender.SlotsRaces.Claim}. */
    private static final Pattern VERDICT =
            Pattern.compile("\\.+ \\[(\\w+)] org\\.sluice\\.appender\\.(\\w+\\.\\w+)");

    /** {@code none 12,345 67.8% Acceptable not published yet}. */
    private static final Pattern OUTCOME =
            Pattern.compile("\\s([\\d,]+)\\s+<?[\\d.,]+%\\s+(?:Acceptable|Forbidden)\\s");

    private static final Pattern NEEDED =
            Pattern.compile(
                    "classes|sluice-\\w+-[^/]*$"
                            + "|(jcstress|jopt|jna|agrona|disruptor|HdrHistogram)[^/]*$");

    @TempDir private Path directory;

    @Test
    void racesShouldEndWell() throws IOException, InterruptedException {
        Set<String> passed =
                run(
                        List.of(),
                        "Races\\.",
                        MUTANTS_IN_SHORT,
                        List.of("-iters", "1", "-time", "100", "-sc", "false"));

        assertTrue(passed.size() >= RACES_MIN, () -> "ran only " + passed);
    }

    /** Each actor compiled in each way, alone and together. */
    @Tag("long")
    @Test
    void racesShouldEndWellForLong() throws IOException, InterruptedException {
        Set<String> passed =
                run(
                        List.of(),
                        "Races\\.",
                        MUTANTS,
                        List.of("-iters", "1", "-time", "500", "-sc", "true"));

        assertTrue(passed.size() >= RACES_MIN, () -> "ran only " + passed);
    }

    @Test
    void racesOfManyShouldEndWellOnFewProcessors() throws IOException, InterruptedException {
        runCrowds("-iters", "1", "-time", "200");
    }

    @Tag("long")
    @Test
    void racesOfManyShouldEndWellOnFewProcessorsForLong() throws IOException, InterruptedException {
        runCrowds("-iters", "3", "-time", "5000");
    }

    private void runCrowds(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-c", "4", "-sc", "false"));
        Set<String> passed =
                run(
                        AS_ON_FOUR_PROCESSORS,
                        "(" + String.join("|", CROWDS).replace(".", "\\.") + ")$",
                        CROWD_MUTANTS,
                        all);

        assertEquals(new TreeSet<>(CROWDS), passed);
    }

    /** The races that passed; fails if one did not, or a mutant did. */
    private Set<String> run(
            List<String> jvmFlags, String races, Set<String> mutants, List<String> options)
            throws IOException, InterruptedException {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one processor has no races");
        List<String> lines = jcstress(jvmFlags, races, mutants, options);
        Set<String> passed = new TreeSet<>();
        Set<String> failed = new TreeSet<>();
        long samples = 0;
        boolean isSummary = false;
        for (String line : lines) {
            Matcher verdict = VERDICT.matcher(line);
            if (verdict.find()) {
                (verdict.group(1).equals("OK") ? passed : failed).add(verdict.group(2));
            }
            // The summary at the end says everything again.
            isSummary |= line.startsWith("RUN RESULTS");
            Matcher outcome = OUTCOME.matcher(line);
            if (!isSummary && outcome.find()) {
                samples += Long.parseLong(outcome.group(1).replace(",", ""));
            }
        }
        passed.removeAll(failed);
        System.out.printf(
                "jcstress: %d races passed, %d of %d mutants caught, %,d samples%n",
                passed.size(), failed.size(), mutants.size(), samples);

        assertEquals(new TreeSet<>(mutants), failed, () -> String.join("\n", lines));
        assertTrue(samples > 0, () -> String.join("\n", lines));
        return passed;
    }

    private List<String> jcstress(
            List<String> jvmFlags, String races, Set<String> mutants, List<String> options)
            throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(classPath());
        command.add("org.openjdk.jcstress.Main");
        String tests = races + "|(" + String.join("|", mutants).replace(".", "\\.") + ")$";
        command.addAll(List.of("-t", tests, "-v", "-f", "1", "-fsm", "1"));
        command.addAll(List.of("-af", "NONE", "-r", directory.resolve("report") + "/"));
        // On a machine that has other things to do, whoever spins keeps the one it waits for away.
        command.addAll(List.of("-pth", "false", "-spinStyle", "THREAD_YIELD"));
        // The races' own: with one, it does not try what flags the JVM has.
        command.add("-jvmArgs");
        command.add(
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
                        + " --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx256m");
        command.addAll(options);
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES), "hangs");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readAllLines(output);
    }

    /** Without what the load rig measures against: it starts a JVM for each race. */
    private static String classPath() {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> NEEDED.matcher(entry).find())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
