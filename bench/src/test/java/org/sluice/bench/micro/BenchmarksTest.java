package org.sluice.bench.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.sluice.ring.UringProbe;
import org.sluice.store.Capabilities.Feature;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Runs every benchmark for a moment, so that none rots: says nothing about speed. */
class BenchmarksTest {
    private static final String NEEDS_URING = ".*SubmissionBenchmark.*";

    @TempDir private Path directory;

    private ChainedOptionsBuilder options() {
        return new OptionsBuilder()
                .warmupIterations(1)
                .warmupTime(TimeValue.milliseconds(20))
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(50))
                .mode(Mode.AverageTime)
                .param("entryBytes", "64")
                .param("backend", "channel")
                .param("entries", "1")
                .param("batchBytes", "4096")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }

    private static Set<String> all(List<String> excluded) {
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        return BenchmarkList.defaultList()
                .getAll(
                        OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT),
                        excluded)
                .stream()
                .map(BenchmarkListEntry::getUsername)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(Collection<RunResult> results) {
        return results.stream()
                .map(result -> result.getParams().getBenchmark())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyBenchmarkShouldRun() throws RunnerException {
        boolean hasUring = UringProbe.probe(directory).has(Feature.IO_URING);
        List<String> excluded = hasUring ? List.of() : List.of(NEEDS_URING);
        ChainedOptionsBuilder options = options().forks(0);
        excluded.forEach(options::exclude);
        System.setProperty("sluice.bench.dir", directory.toString());

        Collection<RunResult> results;
        try {
            results = new Runner(options.build()).run();
        } finally {
            System.clearProperty("sluice.bench.dir");
        }

        assertEquals(all(excluded), names(results));
        assertTrue(results.stream().allMatch(r -> r.getPrimaryResult().getScore() > 0));
    }

    /** In a process of its own a benchmark has the flags it needs, and none of this one's. */
    @Test
    void benchmarkShouldRunForkedWithTheCountOfBytesAllocated() throws RunnerException {
        Collection<RunResult> results =
                new Runner(
                                options()
                                        .forks(1)
                                        .jvmArgs()
                                        .include("ClaimBenchmark.copy")
                                        .addProfiler("gc")
                                        .jvmArgsPrepend("-Dsluice.bench.dir=" + directory)
                                        .build())
                        .run();

        assertEquals(1, results.size());
        assertTrue(
                results.iterator().next().getSecondaryResults().keySet().stream()
                        .anyMatch(name -> name.contains("gc.alloc.rate.norm")));
    }
}
