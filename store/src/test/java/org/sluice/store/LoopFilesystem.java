package org.sluice.store;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A filesystem in a file, mounted by way of a loop device: one that can do O_DIRECT, be filled up,
 * lose its power and lose its device. Takes Linux and root; without them the test is skipped with
 * the reason. Closing it unmounts it, which also detaches the device.
 */
public final class LoopFilesystem implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final int FILL_ROUNDS_MAX = 100;
    private static final long FILL_BYTES_MAX = 1L << 40;

    // linux/loop.h: struct loop_info64 and the requests that read and write it.
    private static final long LOOP_SET_STATUS64 = 0x4C04;
    private static final long LOOP_GET_STATUS64 = 0x4C05;
    private static final int LOOP_INFO_BYTES = 232;
    private static final int SIZE_LIMIT_OFFSET = 32;
    private static final long ONE_PAGE = 4096;

    // The request by which XFS, and ext4 after it, end at once; 2: without writing the journal.
    private static final long GOING_DOWN = 0x8004_587DL;
    private static final int WITHOUT_JOURNAL = 2;

    /** What it is formatted with. */
    public enum Kind {
        EXT4(64L << 20, "mkfs.ext4 -q -m 0"),
        /** Makes none of less than 300 MB; the file is sparse. */
        XFS(320L << 20, "mkfs.xfs -q");

        private final long bytes;
        private final String command;

        Kind(long bytes, String command) {
            this.bytes = bytes;
            this.command = command;
        }
    }

    private final Path image;
    private final Path root;

    private LoopFilesystem(Path image, Path root) {
        this.image = image;
        this.root = root;
    }

    /** Makes and mounts one in {@code parent}, or skips the test. */
    public static LoopFilesystem mount(Path parent, Kind kind) throws IOException {
        return mount(parent, kind, kind.bytes);
    }

    /** As above, of {@code bytes}. */
    public static LoopFilesystem mount(Path parent, Kind kind, long bytes) throws IOException {
        Path image = parent.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        LoopFilesystem made =
                new LoopFilesystem(image, Files.createDirectory(parent.resolve("mounted")));
        String problem = Mount.run((kind.command + " " + image).split(" ", -1));
        if (problem.isEmpty()) {
            problem = made.mount();
        }
        if (!problem.isEmpty()) {
            abort("cannot mount a filesystem in a file: " + problem);
        }
        return made;
    }

    private String mount() throws IOException {
        return Mount.run("mount", "-o", "loop", image.toString(), root.toString());
    }

    /** The directory it is mounted on. */
    public Path root() {
        return root;
    }

    /** Leaves no block free; {@link #makeSpace} undoes it. */
    public void fill() throws IOException {
        long bytes = Files.getFileStore(root).getUsableSpace();
        for (int i = 0; bytes > PAGE_BYTES; i++, bytes /= 2) {
            Mount.run("fallocate", "-l", "" + bytes, root.resolve("ballast-" + i).toString());
        }
        // What was held in reserve for a file comes free when it is on disk and closed.
        int round = 0;
        while (writePages(root.resolve("ballast." + round)) > 0) {
            round++;
            if (round > FILL_ROUNDS_MAX) {
                throw new IOException(root + " does not fill up");
            }
        }
    }

    /** Returns how many there was space for. */
    private static long writePages(Path path) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
        try (FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            try {
                while (file.position() < FILL_BYTES_MAX) {
                    file.write(page.clear());
                }
            } catch (IOException full) {
                if (!String.valueOf(full.getMessage()).contains("space")) {
                    throw full;
                }
            }
            file.force(true);
            return file.position() / PAGE_BYTES;
        } catch (FileSystemException full) {
            // Not even for its name.
            return 0;
        }
    }

    /** Deletes what {@link #fill} made. */
    public void makeSpace() throws IOException {
        try (var files = Files.newDirectoryStream(root, "ballast*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /**
     * Ends the filesystem as a loss of power does: what is not on the device now never gets there,
     * and every use of it fails until {@link #mountAgain}.
     */
    public void cutPower() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocateFrom(ValueLayout.JAVA_INT, WITHOUT_JOURNAL);
            Ioctl.call(root, GOING_DOWN, how);
        }
    }

    /** Takes the right to write away from everybody at once, as ext4 does after an error. */
    public void turnReadOnly() throws IOException {
        Mount.check(Mount.run("mount", "-o", "remount,abort", root.toString()));
    }

    /** From now on the device answers nothing but errors. */
    public void loseDevice() throws IOException {
        // Not less: of a page at the device's end the kernel takes what is behind the end for
        // zeros,
        // and the filesystem's superblock would be lost with it.
        limitDevice(ONE_PAGE);
    }

    /** The device is there again, with all that it held. */
    public void restoreDevice() throws IOException {
        limitDevice(0);
    }

    private void limitDevice(long bytes) throws IOException {
        Path device = device();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(LOOP_INFO_BYTES, 8);
            Ioctl.call(device, LOOP_GET_STATUS64, info);
            info.set(ValueLayout.JAVA_LONG, SIZE_LIMIT_OFFSET, bytes);
            Ioctl.call(device, LOOP_SET_STATUS64, info);
        }
    }

    private Path device() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String[] words = line.split(" ", -1);
            if (words[1].equals(root.toRealPath().toString())) {
                return Path.of(words[0]);
            }
        }
        throw new IOException(root + " is not mounted");
    }

    /** Unmounts it, which takes that no file is open, and mounts it again. */
    public void mountAgain() throws IOException {
        Mount.unmount(root);
        Mount.check(mount());
    }

    @Override
    public void close() throws IOException {
        Mount.unmount(root);
    }
}
