package org.sluice.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A small filesystem in memory that a test can fill up. Mounting one takes Linux and root; without
 * them the test is skipped with the reason. Closing it unmounts it.
 */
public final class SmallFilesystem implements AutoCloseable {
    private static final int TIMEOUT_S = 20;

    private final Path root;

    private SmallFilesystem(Path root) {
        this.root = root;
    }

    /** Mounts one of {@code bytes} on a new directory in {@code parent}, or skips the test. */
    public static SmallFilesystem mount(Path parent, long bytes) throws IOException {
        return mount(parent, "tmpfs", "size=" + bytes);
    }

    /** As {@link #mount}, but one that has room for bytes, and for {@code files} files only. */
    public static SmallFilesystem mountForFiles(Path parent, int files) throws IOException {
        int itsOwnDirectory = 1;
        return mount(parent, "tmpfs", "nr_inodes=" + (files + itsOwnDirectory));
    }

    /**
     * As {@link #mount}, but one without O_DIRECT, which tmpfs has since Linux 6.6. It knows no
     * size: little should be written there.
     */
    public static SmallFilesystem mountWithoutDirect(Path parent) throws IOException {
        return mount(parent, "ramfs", "defaults");
    }

    private static SmallFilesystem mount(Path parent, String type, String options)
            throws IOException {
        Path root = Files.createDirectory(parent.resolve("small-" + System.nanoTime()));
        String problem = run("mount", "-t", type, "-o", options, type, root.toString());
        assumeTrue(problem.isEmpty(), "cannot mount a small filesystem: " + problem);
        return new SmallFilesystem(root);
    }

    /** The directory it is mounted on. */
    public Path root() {
        return root;
    }

    /** Takes the right to write away from everybody, or gives it back. */
    public void readOnly(boolean readOnly) throws IOException {
        remount(readOnly ? "ro" : "rw");
    }

    private void remount(String option) throws IOException {
        String problem = run("mount", "-o", "remount," + option, root.toString());
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    @Override
    public void close() throws IOException {
        String problem = unmount();
        if (!problem.isEmpty()) {
            // Something still has a file open; it must not stay mounted for that.
            run("umount", "-l", root.toString());
            throw new IOException(problem);
        }
        Files.delete(root);
    }

    /**
     * The kernel lets go of the files of a closed ring a little later: what is busy is tried again.
     */
    private String unmount() throws IOException {
        long startNs = System.nanoTime();
        String problem;
        do {
            problem = run("umount", root.toString());
        } while (!problem.isEmpty()
                && System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(TIMEOUT_S));
        return problem;
    }

    /** Returns what the command complained about, or "". */
    private static String run(String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return command[0] + " does not end";
            }
            return process.exitValue() == 0 ? "" : output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
