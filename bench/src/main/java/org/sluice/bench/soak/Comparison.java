package org.sluice.bench.soak;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What a process holds, set against what it held before. */
final class Comparison {
    /** Stacks of ended threads, and the JVM's own memory, come and go by some. */
    private static final long MAPPINGS_MORE_MAX = 64;

    /** The JVM's own: compiled code, classes, what the C library keeps. The heap is fixed. */
    private static final long RESIDENT_MORE_BYTES_MAX = 64 << 20;

    /** A log with nothing in it has its last segment, and the one prepared behind that. */
    private static final long FILES_MORE_MAX = 1;

    private record Line(String what, long before, long after, long moreMax) {
        boolean isBack() {
            return before == Footprint.UNKNOWN || after - before <= moreMax;
        }
    }

    private final List<Line> lines = new ArrayList<>();

    /** {@code segmentBytes}: of a file of the log, at most. */
    Comparison(Footprint before, Footprint after, long segmentBytes) {
        add("open file descriptors", before.descriptors(), after.descriptors(), 0);
        add("threads", before.threads(), after.threads(), 0);
        add("io_uring's kernel threads", before.kernelWorkers(), after.kernelWorkers(), 0);
        add("io_uring's mappings", before.ringMappings(), after.ringMappings(), 0);
        add("locked or registered, bytes", before.pinnedBytes(), after.pinnedBytes(), 0);
        add("buffers off the heap", before.buffers(), after.buffers(), 0);
        add("buffers off the heap, bytes", before.bufferBytes(), after.bufferBytes(), 0);
        add("all mappings", before.mappings(), after.mappings(), MAPPINGS_MORE_MAX);
        add(
                "resident memory, bytes",
                before.residentBytes(),
                after.residentBytes(),
                RESIDENT_MORE_BYTES_MAX);
        add("files of the log", before.files(), after.files(), FILES_MORE_MAX);
        add(
                "files of the log, bytes",
                before.fileBytes(),
                after.fileBytes(),
                (1 + FILES_MORE_MAX) * segmentBytes);
    }

    private void add(String what, long before, long after, long moreMax) {
        lines.add(new Line(what, before, after, moreMax));
    }

    /** Whether every figure is back where it was, or near enough. */
    boolean isBack() {
        return lines.stream().allMatch(Line::isBack);
    }

    /** What is not. */
    List<String> exceeded() {
        return lines.stream().filter(line -> !line.isBack()).map(Line::what).toList();
    }

    void print(PrintStream out) {
        out.printf("%-30s %14s %14s %14s%n", "", "before", "after", "at most");
        for (Line line : lines) {
            boolean isKnown = line.before() != Footprint.UNKNOWN;
            out.printf(
                    "%-30s %14s %14s %14s  %s%n",
                    line.what(),
                    isKnown ? String.format("%,d", line.before()) : "unknown",
                    isKnown ? String.format("%,d", line.after()) : "unknown",
                    isKnown ? String.format("%,d", line.before() + line.moreMax()) : "",
                    line.isBack() ? "" : "NOT BACK");
        }
    }
}
