package org.sluice.store;

import org.agrona.BitUtil;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The block device that a directory's filesystem is on, as Linux shows it in sysfs. Stateless; any
 * thread.
 *
 * <p>A device may take writes of 512 bytes and yet store sectors of 4,096 ("512e"). It then reads,
 * changes and writes back a whole one, with everything else in it, and a power cut may tear that.
 */
public final class BlockDevice {
    private static final Path DEVICES = Path.of("/sys/dev/block");

    /** Of the device itself, and of the one that a partition is a part of. */
    private static final String[] PHYSICAL_BYTES = {
        "queue/physical_block_size", "../queue/physical_block_size"
    };

    private BlockDevice() {}

    /**
     * What batches in {@code directory} have to be aligned to, so that no sector that holds one is
     * written for another.
     *
     * @param alignBytes what writes have to be aligned to, a power of two
     * @return at least {@code alignBytes}; just that where the device is not known
     */
    public static int alignBytes(Path directory, int alignBytes) {
        return Math.max(alignBytes, physicalBytes(DEVICES, deviceOf(directory)));
    }

    /** The number of the device that {@code directory} is on, 0 if it can't be told. */
    private static long deviceOf(Path directory) {
        try {
            return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                    ? ((Number) Files.getAttribute(directory, "unix:dev")).longValue()
                    : 0;
        } catch (IOException e) {
            // Whoever opens the log says what is wrong with its directory.
            return 0;
        }
    }

    /**
     * The sector that a device stores as one, but no more than a page, which is the most that a
     * segment can be aligned to.
     *
     * @param devices the directory that has an entry MAJOR:MINOR for each device
     * @return 0 if it is not known, as of filesystems without a device of their own
     */
    static int physicalBytes(Path devices, long device) {
        Path entry = devices.resolve(major(device) + ":" + minor(device));
        for (String file : PHYSICAL_BYTES) {
            try {
                long bytes = Long.parseLong(Files.readString(entry.resolve(file)).trim());
                return bytes > 0 && BitUtil.isPowerOfTwo(bytes)
                        ? (int) Math.min(bytes, AlignedBlockPool.PAGE_BYTES)
                        : 0;
            } catch (IOException | NumberFormatException unknown) {
                // A partition has no queue of its own.
            }
        }
        return 0;
    }

    // A dev_t holds MMMM Mmmm mmmM MMmm in hexadecimal digits (glibc, bits/sysmacros.h).

    private static long major(long device) {
        return ((device >>> 8) & 0xFFF) | ((device >>> 32) & 0xFFFF_F000L);
    }

    private static long minor(long device) {
        return (device & 0xFF) | ((device >>> 12) & 0xFFFF_FF00L);
    }
}
