package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A log's directory on a real filesystem, through the JDK alone. Any thread.
 *
 * <p>Only regular files are opened: symbolic links are not followed, and devices and pipes, on
 * which an open may hang, are refused.
 */
public final class FileSystemDirectory implements StoreDirectory {
    private static final Set<OpenOption> READ =
            Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE =
            Set.of(
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE_NEW);

    private final Path path;
    private final StorePermissions permissions;
    private final SpaceAllocator allocator;

    /**
     * A directory whose files are created with the default permissions, for reading or in tests.
     */
    public FileSystemDirectory(Path path) {
        this(path, StorePermissions.DEFAULT, SpaceAllocator.NONE);
    }

    /**
     * A directory that a log is written to.
     *
     * @param path an existing directory, see {@link LogDirectoryLayout}
     * @param permissions of files created
     * @param allocator how blocks are reserved, or {@link SpaceAllocator#NONE}
     */
    public FileSystemDirectory(Path path, StorePermissions permissions, SpaceAllocator allocator) {
        // The empty path is the working directory too, but is nobody's parent.
        this.path = path.toString().isEmpty() ? Path.of(".") : path;
        this.permissions = Objects.requireNonNull(permissions);
        this.allocator = Objects.requireNonNull(allocator);
    }

    @Override
    public Path path() {
        return path;
    }

    /** The path of the file called {@code name}. */
    public Path resolve(String name) {
        Path file = path.resolve(name);
        if (!path.equals(file.getParent())) {
            throw new IllegalArgumentException("not the name of a file: " + name);
        }
        return file;
    }

    @Override
    public List<String> list() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Descriptors.open("list", path, this::entries)) {
            for (Path entry : entries) {
                names.add(Objects.requireNonNull(entry.getFileName()).toString());
            }
        } catch (DirectoryIteratorException e) {
            throw FileFaults.of(e.getCause(), "list", path);
        } catch (IOException e) {
            throw FileFaults.of(e, "list", path);
        }
        Collections.sort(names);
        return names;
    }

    @SuppressWarnings("StreamResourceLeak") // list() closes it
    private DirectoryStream<Path> entries() throws IOException {
        return Files.newDirectoryStream(path);
    }

    @Override
    public StoreFile create(String name) {
        Path file = resolve(name);
        try {
            FileChannel channel = Descriptors.open("create", file, () -> createNew(file));
            try {
                widen(file);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            return new FileSystemFile(file, channel, WRITE, allocator);
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "create", file, 0);
        }
    }

    private FileChannel createNew(Path file) throws IOException {
        return FileChannel.open(
                file, CREATE, StorePermissions.attributes(path, permissions.file()));
    }

    /** The process's umask may have taken away what was asked for. */
    private void widen(Path file) throws IOException {
        if (StorePermissions.supportedAt(path)
                && !Files.getPosixFilePermissions(file).containsAll(permissions.file())) {
            Files.setPosixFilePermissions(file, permissions.file());
        }
    }

    @Override
    public StoreFile openForWriting(String name) {
        return open(name, WRITE);
    }

    @Override
    public StoreFile openForReading(String name) {
        return open(name, READ);
    }

    private StoreFile open(String name, Set<OpenOption> options) {
        Path file = resolve(name);
        try {
            requireRegular(file);
            FileChannel channel =
                    Descriptors.open("open", file, () -> FileChannel.open(file, options));
            return new FileSystemFile(file, channel, options, allocator);
        } catch (IOException e) {
            throw options.contains(StandardOpenOption.WRITE)
                    ? FileFaults.ofWrite(e, "open", file, 0)
                    : FileFaults.of(e, "open", file);
        }
    }

    /**
     * Refuses a symbolic link, a directory, a device or a pipe.
     *
     * @throws IOException if there is no file, or it can't be looked at
     * @throws AppendException NOT_A_LOG
     */
    public static void requireRegular(Path file) throws IOException {
        // In one look: between two the file may be deleted, and a missing one is no such fault.
        BasicFileAttributes found =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) {
            throw new AppendException(
                    AppendException.Code.NOT_A_LOG,
                    "cannot open " + file + ": it is not a regular file",
                    file,
                    null);
        }
    }

    @Override
    public void rename(String source, String target) {
        Path from = resolve(source);
        try {
            Files.move(from, resolve(target), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "rename to " + target + " the file", from, 0);
        }
    }

    @Override
    public void delete(String name) {
        Path file = resolve(name);
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "delete", file, 0);
        }
    }

    @Override
    public void sync() {
        if (syncSupport().available()) {
            try {
                DirectorySync.force(path);
            } catch (IOException e) {
                throw FileFaults.of(e, "sync", path);
            }
        }
    }

    /** Whether {@link #sync} does something here; nothing is tried. */
    public Capabilities.Support syncSupport() {
        return DirectorySync.supportAt(path);
    }

    @Override
    public long usableBytes() {
        String doing = "ask for the free space of";
        try {
            return Descriptors.open(doing, path, () -> Files.getFileStore(path).getUsableSpace());
        } catch (IOException e) {
            if (Files.isDirectory(path)) {
                // The mount table can't be read, say. Whoever reserves blocks will be told.
                return Long.MAX_VALUE;
            }
            throw FileFaults.of(e, doing, path);
        }
    }
}
