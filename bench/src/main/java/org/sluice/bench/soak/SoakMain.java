package org.sluice.bench.soak;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The process of a soak: its only business, and so the only reason for what it holds. Its arguments
 * are {@link SoakSettings#words}.
 */
public final class SoakMain {
    /** What its JVM is started with. The heap is taken whole, so that it does not grow. */
    public static final List<String> JVM_FLAGS = flags();

    /**
     * What its environment has besides: glibc then gives memory back that is freed, where it would
     * keep it for later otherwise, and what is still held can be told from what was.
     */
    public static final Map<String, String> ENVIRONMENT =
            Map.of("MALLOC_MMAP_THRESHOLD_", "131072", "MALLOC_ARENA_MAX", "1");

    private static final int NOT_BACK = 1;
    private static final int FAILED = 3;

    private SoakMain() {}

    private static List<String> flags() {
        List<String> flags = new ArrayList<>(KilledProcess.JVM_FLAGS);
        flags.addAll(List.of("-Xms256m", "-Xmx256m"));
        return List.copyOf(flags);
    }

    /** Leaves with 0, 1 if something is not back where it was, 3 if it failed before. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // Either way, threads of a load that failed must not keep the process.
        try {
            System.exit(new Soak(SoakSettings.of(args), out, System.err).run() ? 0 : NOT_BACK);
        } catch (Exception | AssertionError failure) {
            failure.printStackTrace();
            System.exit(FAILED);
        }
    }
}
