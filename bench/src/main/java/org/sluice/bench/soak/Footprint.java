package org.sluice.bench.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process holds of the system. A figure that the system does not tell is {@link
 * #UNKNOWN}.
 *
 * @param descriptors open file descriptors
 * @param threads threads of Java
 * @param kernelWorkers threads of the kernel that carry out what io_uring was asked for
 * @param buffers pieces of memory outside of the heap
 * @param bufferBytes bytes of these
 * @param pinnedBytes memory that is locked, or registered with the kernel
 * @param ringMappings queues of io_uring mapped into this process
 * @param mappings all that is mapped
 * @param residentBytes what all of the process takes of the memory
 * @param files files of the log
 * @param fileBytes bytes of these
 */
record Footprint(
        long descriptors,
        long threads,
        long kernelWorkers,
        long buffers,
        long bufferBytes,
        long pinnedBytes,
        long ringMappings,
        long mappings,
        long residentBytes,
        long files,
        long fileBytes) {
    static final long UNKNOWN = -1;

    private static final Path SELF = Path.of("/proc/self");
    private static final String KERNEL_WORKER = "iou-";
    private static final String RING = "[io_uring]";

    static Footprint take(Path directory) {
        return new Footprint(
                openDescriptors(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                liveWorkers(),
                buffers(BufferPoolMXBean::getCount),
                buffers(BufferPoolMXBean::getMemoryUsed),
                sum(status("VmLck:"), status("VmPin:")),
                maps(RING),
                maps(""),
                status("VmRSS:"),
                files(directory).length,
                bytes(files(directory)));
    }

    private static long sum(long left, long right) {
        return left == UNKNOWN || right == UNKNOWN ? UNKNOWN : left + right;
    }

    private static long openDescriptors() {
        // Counting opens one itself.
        Path[] open = list(SELF.resolve("fd"));
        return open == null ? UNKNOWN : open.length - 1;
    }

    private static long liveWorkers() {
        Path[] tasks = list(SELF.resolve("task"));
        if (tasks == null) {
            return UNKNOWN;
        }
        long count = 0;
        for (Path task : tasks) {
            count +=
                    lines(task.resolve("comm")).anyMatch(name -> name.startsWith(KERNEL_WORKER))
                            ? 1
                            : 0;
        }
        return count;
    }

    private static long buffers(java.util.function.ToLongFunction<BufferPoolMXBean> figure) {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(figure)
                .sum();
    }

    /** A line such as {@code VmRSS: 123 kB}, in bytes. */
    private static long status(String key) {
        return lines(SELF.resolve("status"))
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static long maps(String name) {
        Path maps = SELF.resolve("maps");
        return Files.exists(maps)
                ? lines(maps).filter(line -> line.contains(name)).count()
                : UNKNOWN;
    }

    private static Path[] files(Path directory) {
        Path[] files = list(directory);
        return files == null ? new Path[0] : files;
    }

    private static long bytes(Path[] files) {
        long bytes = 0;
        for (Path file : files) {
            try {
                bytes += Files.size(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return bytes;
    }

    /** What is in {@code directory}, or null if there is none. */
    private static Path[] list(Path directory) {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.toArray(Path[]::new);
        } catch (IOException none) {
            return null;
        }
    }

    /** Nothing, if it is not there or no longer. */
    private static Stream<String> lines(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.stream();
        } catch (IOException gone) {
            return Stream.empty();
        }
    }
}
