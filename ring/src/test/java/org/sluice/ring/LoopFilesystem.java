package org.sluice.ring;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A small ext4 filesystem in a file, mounted by way of a loop device: one that can do O_DIRECT and
 * can be filled up. Takes Linux and root. Closing it unmounts it, which also detaches the device.
 */
final class LoopFilesystem implements AutoCloseable {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private final Path root;

    private LoopFilesystem(Path root) {
        this.root = root;
    }

    /** Makes and mounts one of {@code bytes} in {@code parent}, or skips the test. */
    static LoopFilesystem mount(Path parent, long bytes) throws IOException {
        Path image = parent.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        Path root = Files.createDirectory(parent.resolve("mounted"));
        String problem = run("mkfs.ext4", "-q", "-m", "0", image.toString());
        if (problem.isEmpty()) {
            problem = run("mount", "-o", "loop", image.toString(), root.toString());
        }
        if (!problem.isEmpty()) {
            abort("cannot mount a filesystem in a file: " + problem);
        }
        return new LoopFilesystem(root);
    }

    Path root() {
        return root;
    }

    @Override
    public void close() throws IOException {
        long startNs = System.nanoTime();
        String problem;
        do {
            // The kernel lets go of the files of a closed ring a little later.
            problem = run("umount", root.toString());
        } while (!problem.isEmpty() && System.nanoTime() - startNs < TIMEOUT_NS);
        if (!problem.isEmpty()) {
            run("umount", "-l", root.toString());
            throw new IOException(problem);
        }
    }

    /** Returns what the command complained about, or "". */
    private static String run(String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : command[0] + ": " + output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
