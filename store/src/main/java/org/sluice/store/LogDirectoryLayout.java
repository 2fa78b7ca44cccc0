package org.sluice.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a log's directory holds, by name, and the checks before one is opened.
 *
 * <ul>
 *   <li>{@link #LOCK}: see {@link DirectoryLock};
 *   <li>{@code NNNNNNNNNNNNNNNN.seg}: a segment, see {@link SegmentDescriptor#fileName};
 *   <li>{@code NNNNNNNNNNNNNNNN.spare}: a file on its way to become a segment, or one that was a
 *       segment: no part of the log, may be deleted whenever the log is not open;
 *   <li>{@code probe-….spare}: a file that shows, for a moment, what the filesystem can do;
 *   <li>{@code damaged-…}: what a repair put aside;
 *   <li>{@code lost+found}: the filesystem's own, where the directory is its root.
 * </ul>
 */
public final class LogDirectoryLayout {
    /** Name of the lock file. */
    public static final String LOCK = "LOCK";

    /** What the names of files that a repair put aside begin with. */
    public static final String DAMAGED_PREFIX = "damaged-";

    /** What the names of files that are not, or no longer, segments end with. */
    public static final String SPARE_SUFFIX = ".spare";

    private static final String PROBE_PREFIX = "probe-";
    private static final String LOST_AND_FOUND = "lost+found";

    /** The number of the device a file is on. */
    private static final String DEVICE = "unix:dev";

    private static final int NAMES_SHOWN_MAX = 3;

    private LogDirectoryLayout() {}

    /** The name a segment's file has before it is one, or after it was. */
    public static String spareName(long number) {
        String name = SegmentDescriptor.fileName(number);
        return name.substring(0, name.length() - SegmentDescriptor.SUFFIX.length()) + SPARE_SUFFIX;
    }

    /**
     * A name, new each time, for a file that tries out what the filesystem can do: what someone put
     * under a fixed one, or what another process has under it now, would be in the way.
     */
    public static String probeName() {
        return PROBE_PREFIX
                + ProcessHandle.current().pid()
                + "-"
                + System.nanoTime()
                + SPARE_SUFFIX;
    }

    /** The number in a spare file's name, or -1 if {@code name} is not one. */
    public static long spareNumberOf(String name) {
        return name.endsWith(SPARE_SUFFIX)
                ? SegmentDescriptor.numberOf(
                        name.substring(0, name.length() - SPARE_SUFFIX.length())
                                + SegmentDescriptor.SUFFIX)
                : -1;
    }

    /** Whether a log may have a file of this name. */
    private static boolean isKnown(String name) {
        return name.equals(LOCK)
                || SegmentDescriptor.numberOf(name) > 0
                || name.endsWith(SPARE_SUFFIX)
                || name.startsWith(DAMAGED_PREFIX)
                || name.equals(LOST_AND_FOUND);
    }

    /** The numbers of the segments among {@code names}, ascending if the names are. */
    static long[] segmentNumbers(List<String> names) {
        return names.stream()
                .mapToLong(SegmentDescriptor::numberOf)
                .filter(number -> number > 0)
                .toArray();
    }

    /**
     * Makes sure that {@code directory} is there, holds nothing but a log, and can be written.
     * Creates it if only its last part is missing, and makes its name durable.
     *
     * @throws AppendException with code NOT_FOUND, NOT_A_LOG or ACCESS_DENIED
     */
    public static void prepareForWriting(Path directory, StorePermissions permissions) {
        boolean isNew = !Files.exists(directory);
        if (isNew) {
            create(directory, permissions);
        }
        List<String> foreign = new ArrayList<>(entriesOf(directory));
        foreign.removeIf(LogDirectoryLayout::isKnown);
        if (!foreign.isEmpty()) {
            throw notALog(directory, foreign);
        }
        if (!Files.isWritable(directory)) {
            throw isReadOnly(directory)
                    ? Errno.exception(Errno.EROFS, "write to", directory)
                    : denied(directory, "written");
        }
        syncName(directory, isNew);
    }

    /**
     * Makes sure that {@code directory} looks like a log and can be read; changes nothing.
     *
     * @throws AppendException with code NOT_FOUND, NOT_A_LOG or ACCESS_DENIED
     */
    public static void checkForReading(Path directory) {
        if (!Files.exists(directory)) {
            throw new AppendException(
                    AppendException.Code.NOT_FOUND,
                    "there is no log: " + directory + " does not exist",
                    directory,
                    null);
        }
        List<String> names = entriesOf(directory);
        List<String> foreign = new ArrayList<>(names);
        foreign.removeIf(LogDirectoryLayout::isKnown);
        if (!foreign.isEmpty() && segmentNumbers(names).length == 0) {
            throw notALog(directory, foreign);
        }
    }

    /**
     * As {@link #checkForReading}, and that anything of a log is there: an empty directory may be
     * the place of a filesystem that is not mounted, and no news of it would be taken for good
     * news.
     *
     * @throws AppendException with code NOT_FOUND, NOT_A_LOG or ACCESS_DENIED
     */
    public static void checkForLog(Path directory) {
        checkForReading(directory);
        List<String> names = new ArrayList<>(entriesOf(directory));
        names.remove(LOST_AND_FOUND);
        if (names.isEmpty()) {
            throw new AppendException(
                    AppendException.Code.NOT_FOUND,
                    "there is no log: " + directory + " is empty",
                    directory,
                    null);
        }
    }

    private static void create(Path directory, StorePermissions permissions) {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new AppendException(
                    AppendException.Code.NOT_FOUND,
                    "cannot create "
                            + directory
                            + ": there is no directory "
                            + parent
                            + "; make it first, or mount what belongs there",
                    directory,
                    null);
        }
        if (!Files.isReadable(parent)) {
            // It could not be synced, and the new name would not be durable.
            throw denied(parent, "read");
        }
        try {
            Files.createDirectory(
                    directory, StorePermissions.attributes(directory, permissions.directory()));
            if (StorePermissions.supportedAt(directory)
                    && !Files.getPosixFilePermissions(directory)
                            .containsAll(permissions.directory())) {
                Files.setPosixFilePermissions(directory, permissions.directory());
            }
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "create", directory, 0);
        }
    }

    /**
     * Makes the directory's own name durable, at every open: whoever created it may have been
     * stopped before it could. The name of a mount point is not on the disk that the log is on, and
     * a parent that this user can't read was made ready by another.
     */
    private static void syncName(Path directory, boolean isNew) {
        try {
            Path parent = directory.toRealPath().getParent();
            if (parent == null) {
                return;
            }
            if (isNew || (Files.isReadable(parent) && !isMountPoint(directory, parent))) {
                new FileSystemDirectory(parent).sync();
            }
        } catch (IOException e) {
            throw FileFaults.of(e, "find the parent of", directory);
        }
    }

    private static boolean isMountPoint(Path directory, Path parent) throws IOException {
        return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                && !Files.getAttribute(directory, DEVICE)
                        .equals(Files.getAttribute(parent, DEVICE));
    }

    private static List<String> entriesOf(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new AppendException(
                    AppendException.Code.NOT_A_LOG,
                    "a log is a directory, but " + directory + " is a file",
                    directory,
                    null);
        }
        if (!Files.isReadable(directory) || !Files.isExecutable(directory)) {
            throw denied(directory, "read");
        }
        return new FileSystemDirectory(directory).list();
    }

    private static boolean isReadOnly(Path directory) {
        try {
            return Files.getFileStore(directory).isReadOnly();
        } catch (IOException e) {
            return false;
        }
    }

    private static AppendException denied(Path directory, String how) {
        return new AppendException(
                AppendException.Code.ACCESS_DENIED,
                "the directory " + directory + " cannot be " + how + " by this user",
                directory,
                null);
    }

    private static AppendException notALog(Path directory, List<String> foreign) {
        String shown =
                String.join(", ", foreign.subList(0, Math.min(NAMES_SHOWN_MAX, foreign.size())));
        int more = foreign.size() - NAMES_SHOWN_MAX;
        return new AppendException(
                AppendException.Code.NOT_A_LOG,
                directory
                        + " holds files that are not a log's: "
                        + shown
                        + (more > 0 ? " and " + more + " more" : "")
                        + "; a log needs a directory of its own",
                directory,
                null);
    }
}
