package org.sluice.appender;

import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A directory as it would be after the steps of a repair, so that a plan can be made, and shown,
 * without touching a file. For reading only. One thread.
 */
final class RepairView implements StoreDirectory {
    private final StoreDirectory directory;
    private final Set<String> hidden = new HashSet<>();
    private final Map<String, Long> sizes = new HashMap<>();

    RepairView(StoreDirectory directory) {
        this.directory = directory;
    }

    /** As if the file were not there. */
    void hide(String name) {
        hidden.add(name);
    }

    /** As if the file were cut to {@code bytes}. */
    void cut(String name, long bytes) {
        sizes.put(name, bytes);
    }

    @Override
    public Path path() {
        return directory.path();
    }

    @Override
    public List<String> list() {
        List<String> names = new ArrayList<>(directory.list());
        names.removeAll(hidden);
        return names;
    }

    @Override
    public StoreFile openForReading(String name) {
        long limitBytes = sizes.getOrDefault(name, Long.MAX_VALUE);
        return new ShortFile(directory.openForReading(name), limitBytes);
    }

    @Override
    public StoreFile create(String name) {
        throw readOnly();
    }

    @Override
    public StoreFile openForWriting(String name) {
        throw readOnly();
    }

    @Override
    public void rename(String source, String target) {
        throw readOnly();
    }

    @Override
    public void delete(String name) {
        throw readOnly();
    }

    @Override
    public void sync() {
        throw readOnly();
    }

    @Override
    public long usableBytes() {
        return 0;
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("a plan changes nothing");
    }

    /** A file that seems to end early. */
    private static final class ShortFile extends ReadOnlyFile {
        private final StoreFile file;
        private final long limitBytes;

        ShortFile(StoreFile file, long limitBytes) {
            this.file = file;
            this.limitBytes = limitBytes;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int limit = target.limit();
            long room = Math.max(0, limitBytes - position);
            target.limit((int) Math.min(limit, target.position() + room));
            try {
                return file.read(target, position);
            } finally {
                target.limit(limit);
            }
        }

        @Override
        public long size() {
            return Math.min(file.size(), limitBytes);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
