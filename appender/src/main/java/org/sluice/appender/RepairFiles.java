package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The steps of a repair on files, each durable when it returns. Where {@code damaged-NAME} is taken
 * by an earlier repair, {@code .2}, {@code .3} and so on is added. One thread.
 */
final class RepairFiles {
    private static final int COPY_BYTES = 1 << 20;
    private static final String PART_SUFFIX = ".part";

    private final StoreDirectory directory;

    RepairFiles(StoreDirectory directory) {
        this.directory = directory;
    }

    /**
     * Copies the file; does nothing if a repair that was stopped has copied it already.
     *
     * @return bytes of it that can't be read, and are zeros in the copy
     */
    long copy(String name) {
        List<String> names = directory.list();
        String target = LogDirectoryLayout.DAMAGED_PREFIX + name;
        try (StoreFile source = directory.openForReading(name)) {
            for (int i = 2; names.contains(target); i++) {
                SalvagedFile salvaged = new SalvagedFile(source);
                if (isSame(source.size(), salvaged, target)) {
                    return salvaged.unreadableBytes();
                }
                target = LogDirectoryLayout.DAMAGED_PREFIX + name + "." + i;
            }
            String part = LogDirectoryLayout.DAMAGED_PREFIX + name + PART_SUFFIX;
            if (names.contains(part)) {
                directory.delete(part);
            }
            SalvagedFile salvaged = new SalvagedFile(source);
            copy(salvaged, part);
            directory.rename(part, target);
            directory.sync();
            return salvaged.unreadableBytes();
        }
    }

    private void copy(SalvagedFile source, String part) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(COPY_BYTES);
        try (StoreFile target = directory.create(part)) {
            long position = 0;
            int count;
            while ((count = source.read(bytes.clear(), position)) > 0) {
                target.write(bytes.flip(), position);
                position += count;
            }
            target.sync();
        } catch (AppendException e) {
            if (e.code() == AppendException.Code.DISK_FULL) {
                directory.delete(part);
            }
            throw e;
        }
    }

    private boolean isSame(long sourceBytes, SalvagedFile source, String name) {
        try (StoreFile other = directory.openForReading(name)) {
            if (sourceBytes != other.size()) {
                return false;
            }
            ByteBuffer bytes = ByteBuffer.allocateDirect(COPY_BYTES);
            ByteBuffer otherBytes = ByteBuffer.allocateDirect(COPY_BYTES);
            long position = 0;
            int count;
            while ((count = source.read(bytes.clear(), position)) > 0) {
                other.read(otherBytes.clear().limit(count), position);
                if (!bytes.flip().equals(otherBytes.flip())) {
                    return false;
                }
                position += count;
            }
            return true;
        }
    }

    /** Renames the file. */
    void setAside(String name) {
        List<String> names = directory.list();
        String target = LogDirectoryLayout.DAMAGED_PREFIX + name;
        for (int i = 2; names.contains(target); i++) {
            target = LogDirectoryLayout.DAMAGED_PREFIX + name + "." + i;
        }
        directory.rename(name, target);
        directory.sync();
    }

    /** Cuts the file off. */
    void cut(String name, long position) {
        try (StoreFile file = directory.openForWriting(name)) {
            file.truncate(position);
            file.sync();
        }
    }
}
