package org.sluice.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small filesystem in memory that a test can fill up. Mounting one takes Linux and root; without
 * them the test is skipped with the reason. Closing it unmounts it.
 */
public final class SmallFilesystem implements AutoCloseable {
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
        String problem = Mount.run("mount", "-t", type, "-o", options, type, root.toString());
        assumeTrue(problem.isEmpty(), "cannot mount a small filesystem: " + problem);
        return new SmallFilesystem(root);
    }

    /** The directory it is mounted on. */
    public Path root() {
        return root;
    }

    /** Takes the right to write away from everybody, or gives it back. */
    public void readOnly(boolean readOnly) throws IOException {
        String option = "remount," + (readOnly ? "ro" : "rw");
        Mount.check(Mount.run("mount", "-o", option, root.toString()));
    }

    @Override
    public void close() throws IOException {
        Mount.unmount(root);
        Files.delete(root);
    }
}
