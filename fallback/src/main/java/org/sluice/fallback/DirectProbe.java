package org.sluice.fallback;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.FileFaults;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.StorePermissions;
import org.sluice.store.Uninterrupted;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/**
 * Whether O_DIRECT works in a directory, found by writing one block.
 *
 * @param support whether, or why not
 * @param alignBytes what it has to be aligned to, 0 if it does not work
 */
record DirectProbe(Support support, int alignBytes) {
    /** A page: what the pool's blocks are aligned to, so no more than that can be used. */
    private static final int ALIGN_BYTES_MAX = 4096;

    static DirectProbe of(FileSystemDirectory directory) {
        OpenOption option = DirectOption.find();
        if (option == null) {
            return no("this Java runtime lacks the module jdk.unsupported");
        }
        try {
            long blockBytes = Files.getFileStore(directory.path()).getBlockSize();
            if (blockBytes > ALIGN_BYTES_MAX
                    || blockBytes < 1
                    || !BitUtil.isPowerOfTwo((int) blockBytes)) {
                return no("its blocks of " + blockBytes + " bytes are not supported");
            }
            Path file = directory.path().resolve(LogDirectoryLayout.probeName());
            // An interrupt would close the file, and say nothing about O_DIRECT.
            Support support = Uninterrupted.call(() -> writeOne(file, (int) blockBytes, option));
            return new DirectProbe(support, (int) blockBytes);
        } catch (IOException | UnsupportedOperationException e) {
            return no(String.valueOf(e));
        }
    }

    private static Support writeOne(Path file, int blockBytes, OpenOption option)
            throws IOException {
        ByteBuffer block = BufferUtil.allocateDirectAligned(blockBytes, blockBytes);
        Set<OpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE,
                        option);
        FileAttribute<?>[] permissions =
                StorePermissions.attributes(file, StorePermissions.DEFAULT.file());
        try (FileChannel channel = FileChannel.open(file, options, permissions)) {
            channel.write(block, 0);
            return Support.yes();
        } catch (IOException e) {
            // By its text alone: a filesystem in memory may know no free space, and refuse
            // O_DIRECT.
            if (!FileFaults.saysFull(e)) {
                throw e;
            }
            return Support.yesOnFullDisk();
        }
    }

    private static DirectProbe no(String reason) {
        return new DirectProbe(
                Support.no(
                        "it cannot be used in this directory: " + reason,
                        "use a local filesystem such as ext4 or XFS"),
                0);
    }
}
