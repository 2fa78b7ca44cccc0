package org.sluice.ring;

import org.agrona.BitUtil;
import org.sluice.ring.ffi.Libc;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the filesystem of one directory can do, found out through the C library alone: true whether
 * or not there is an io_uring. Linux.
 *
 * @param directAlignBytes the alignment O_DIRECT needs, 0 where it can't be had
 * @param direct O_DIRECT
 * @param reserve fallocate(2)
 * @param directorySync fsync(2) of the directory, which is not tried
 * @param writable whether something could be written there, so that a ring can be tried on it
 */
record DirectoryProbe(
        int directAlignBytes,
        Support direct,
        Support reserve,
        Support directorySync,
        boolean writable) {

    /** A sector: the least that any device writes. */
    private static final int ALIGN_BYTES_MIN = 512;

    /** A page; no device in use asks for more. */
    private static final int ALIGN_BYTES_MAX = AlignedBlockPool.PAGE_BYTES;

    private static final String NOT_TRIED = "not tried, for that would write to the directory";

    /** Tries everything, on a scratch file. */
    static DirectoryProbe trying(Path directory) {
        int fd = ScratchFile.open(directory, 0);
        if (fd < 0 && Errno.isDiskFull(-fd)) {
            return askingFull(directory);
        }
        if (fd < 0) {
            return unusable("nothing can be written there: " + Errno.sentence(-fd));
        }
        try {
            int align = Libc.directAlignBytes(fd);
            DirectoryProbe found =
                    new DirectoryProbe(0, null, tryReserve(fd), syncSupport(directory), true);
            return align == 0
                    ? found.withDirect(0, unsupported())
                    : found.tryDirect(directory, align);
        } finally {
            Libc.close(fd);
        }
    }

    /** Asks without writing anything. */
    static DirectoryProbe asking(Path directory) {
        DirectoryProbe found =
                new DirectoryProbe(0, null, notTried(), syncSupport(directory), false);
        Path file = anyFile(directory);
        int align = file == null ? Libc.UNTOLD : Libc.directAlignBytes(file);
        if (align == 0) {
            return found.withDirect(0, unsupported());
        }
        if (align < 0 || align == Libc.UNTOLD) {
            return found.withDirect(0, notTried());
        }
        return align > ALIGN_BYTES_MAX
                ? found.withDirect(0, tooCoarse(align))
                : found.withDirect(Math.max(align, ALIGN_BYTES_MIN), Support.yes());
    }

    /** The disk has no room for another file, which says nothing about what it can do. */
    private static DirectoryProbe askingFull(Path directory) {
        DirectoryProbe found = asking(directory);
        return new DirectoryProbe(
                found.directAlignBytes,
                found.direct,
                Support.yesOnFullDisk(),
                found.directorySync,
                false);
    }

    /** There is no such directory to look at. */
    static DirectoryProbe unusable(String reason) {
        Support no = Support.no(reason, "");
        return new DirectoryProbe(0, no, no, no, false);
    }

    private DirectoryProbe withDirect(int alignBytes, Support support) {
        return new DirectoryProbe(alignBytes, support, reserve, directorySync, writable);
    }

    /**
     * @param told alignment the kernel told, {@link Libc#UNTOLD}, or a negated error number
     */
    private DirectoryProbe tryDirect(Path directory, int told) {
        int fd = ScratchFile.open(directory, Libc.O_DIRECT);
        if (fd == -Errno.EINVAL) {
            return withDirect(0, unsupported());
        }
        if (fd < 0 && Errno.isDiskFull(-fd)) {
            return askingFull(directory);
        }
        if (fd < 0) {
            return withDirect(0, Support.no(Errno.sentence(-fd), ""));
        }
        try {
            int align = ALIGN_BYTES_MIN;
            if (told > 0 && told != Libc.UNTOLD && BitUtil.isPowerOfTwo(told)) {
                align = Math.max(told, ALIGN_BYTES_MIN);
            }
            if (align > ALIGN_BYTES_MAX) {
                return withDirect(0, tooCoarse(align));
            }
            return tryDirectWrites(fd, align);
        } finally {
            Libc.close(fd);
        }
    }

    private static Support tooCoarse(int align) {
        return Support.no("it asks for writes of at least " + align + " bytes", "");
    }

    /** Writes with the alignment asked for, and with a page's if that is refused. */
    private DirectoryProbe tryDirectWrites(int fd, int firstAlign) {
        int align = firstAlign;
        long written = write(fd, align);
        if (written == -Errno.EINVAL && align < ALIGN_BYTES_MAX) {
            align = ALIGN_BYTES_MAX;
            written = write(fd, align);
        }
        if (written == align) {
            return withDirect(align, Support.yes());
        }
        if (written < 0 && Errno.isDiskFull((int) -written)) {
            // The alignment was accepted, or the answer would have been EINVAL.
            return withDirect(align, Support.yesOnFullDisk());
        }
        int errno = written < 0 ? (int) -written : Errno.EIO;
        return withDirect(0, Support.no("a trial write failed: " + Errno.sentence(errno), ""));
    }

    /**
     * Position and address are odd multiples of the alignment, so that nothing is aligned by luck.
     */
    private static long write(int fd, int align) {
        AlignedBlockPool pool = new AlignedBlockPool(1, 2 * ALIGN_BYTES_MAX);
        AlignedBlock block = pool.take();
        long written = Libc.pwrite(fd, block.address() + align, align, align);
        pool.release(block);
        return written;
    }

    private static Support tryReserve(int fd) {
        int result = Libc.fallocate(fd, 0, ALIGN_BYTES_MAX);
        if (result == 0 || Errno.isDiskFull(-result)) {
            return Support.yes();
        }
        return Support.no(Errno.sentence(-result), "");
    }

    private static Support syncSupport(Path directory) {
        return new FileSystemDirectory(directory).syncSupport();
    }

    private static Path anyFile(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).findFirst().orElse(null);
        } catch (IOException | UncheckedIOException e) {
            // Whoever opens the log says what is wrong with its directory.
            return null;
        }
    }

    private static Support unsupported() {
        return Support.no(
                "the filesystem does not do O_DIRECT",
                "keep the log on ext4, XFS or Btrfs; it works without, through the page cache");
    }

    private static Support notTried() {
        return Support.no(NOT_TRIED, "");
    }
}
