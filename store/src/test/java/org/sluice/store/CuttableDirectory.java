package org.sluice.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A directory in memory that can lose its power.
 *
 * <p>The fault model: what a file's sync covered stays; of the writes and sizes after it any subset
 * does, each write whole. Names stay as of the directory's last sync; of the creations, renames and
 * deletions after it any subset has happened, in their order.
 *
 * <p>Any one call can be made to fail, once, or to be the one at which the power goes.
 */
final class CuttableDirectory implements StoreDirectory {
    private static final Path PATH = Path.of("/memory");

    private final TreeMap<String, Content> names = new TreeMap<>();
    private final TreeMap<String, Content> durableNames = new TreeMap<>();
    private final List<Consumer<Map<String, Content>>> pendingNames = new ArrayList<>();
    private long stepCount;
    private long faultStep = Long.MAX_VALUE;
    private AppendException.Code faultCode;
    private boolean isOff;

    /** Bytes of one file, as seen and as kept. */
    private static final class Content {
        private byte[] bytes = {};
        private byte[] durableBytes = {};
        private final List<UnaryOperator<byte[]>> pending = new ArrayList<>();

        void change(UnaryOperator<byte[]> change) {
            bytes = change.apply(bytes);
            pending.add(change);
        }

        void sync() {
            durableBytes = bytes.clone();
            pending.clear();
        }

        Content afterCut(Random random) {
            byte[] left = durableBytes.clone();
            for (UnaryOperator<byte[]> change : pending) {
                if (random.nextBoolean()) {
                    left = change.apply(left);
                }
            }
            Content content = new Content();
            content.bytes = left;
            content.durableBytes = left.clone();
            return content;
        }
    }

    /** The call after {@code step} others turns the power off. */
    CuttableDirectory cutAt(long step) {
        faultStep = step;
        return this;
    }

    /** The call after {@code step} others fails with {@code code} and does nothing; once. */
    CuttableDirectory failAt(long step, AppendException.Code code) {
        faultStep = step;
        faultCode = code;
        return this;
    }

    /** Calls so far that could change something. */
    long stepCount() {
        return stepCount;
    }

    /** Whether the power went off. */
    boolean isOff() {
        return isOff;
    }

    /** What is there when the power comes back. */
    CuttableDirectory afterCut(Random random) {
        TreeMap<String, Content> left = new TreeMap<>(durableNames);
        for (Consumer<Map<String, Content>> change : pendingNames) {
            if (random.nextBoolean()) {
                change.accept(left);
            }
        }
        CuttableDirectory directory = new CuttableDirectory();
        for (Map.Entry<String, Content> entry : left.entrySet()) {
            directory.names.put(entry.getKey(), entry.getValue().afterCut(random));
        }
        directory.durableNames.putAll(directory.names);
        return directory;
    }

    private void step(String name) {
        if (isOff) {
            throw new AppendException(AppendException.Code.IO, "the power is off");
        }
        if (stepCount++ == faultStep) {
            isOff = faultCode == null;
            AppendException.Code code = isOff ? AppendException.Code.IO : faultCode;
            throw new AppendException(code, "step " + faultStep, PATH.resolve(name), null);
        }
    }

    private void change(Consumer<Map<String, Content>> change) {
        change.accept(names);
        pendingNames.add(change);
    }

    private Content find(String name) {
        Content content = names.get(name);
        if (content == null) {
            throw Errno.exception(Errno.ENOENT, "find", PATH.resolve(name));
        }
        return content;
    }

    @Override
    public Path path() {
        return PATH;
    }

    @Override
    public List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public StoreFile create(String name) {
        step(name);
        if (names.containsKey(name)) {
            throw Errno.exception(Errno.EEXIST, "create", PATH.resolve(name));
        }
        Content content = new Content();
        change(map -> map.put(name, content));
        return new CuttableFile(name, content);
    }

    @Override
    public StoreFile openForWriting(String name) {
        return new CuttableFile(name, find(name));
    }

    @Override
    public StoreFile openForReading(String name) {
        return new CuttableFile(name, find(name));
    }

    @Override
    public void rename(String source, String target) {
        step(source);
        Content content = find(source);
        change(
                map -> {
                    if (map.remove(source) != null) {
                        map.put(target, content);
                    }
                });
    }

    @Override
    public void delete(String name) {
        step(name);
        find(name);
        change(map -> map.remove(name));
    }

    @Override
    public void sync() {
        step("");
        durableNames.clear();
        durableNames.putAll(names);
        pendingNames.clear();
    }

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    private final class CuttableFile implements StoreFile {
        private final String name;
        private final Content content;

        CuttableFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int length = Math.clamp(size() - position, 0, target.remaining());
            if (length > 0) {
                target.put(content.bytes, (int) position, length);
            }
            return length;
        }

        @Override
        public void write(ByteBuffer source, long position) {
            step(name);
            byte[] written = new byte[source.remaining()];
            source.get(written);
            int end = Math.toIntExact(position + written.length);
            content.change(
                    bytes -> {
                        byte[] changed = Arrays.copyOf(bytes, Math.max(bytes.length, end));
                        System.arraycopy(written, 0, changed, (int) position, written.length);
                        return changed;
                    });
        }

        @Override
        public void truncate(long bytes) {
            step(name);
            content.change(old -> Arrays.copyOf(old, (int) Math.min(old.length, bytes)));
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            step(name);
            content.change(old -> Arrays.copyOf(old, (int) Math.max(old.length, bytes)));
        }

        @Override
        public void sync() {
            step(name);
            content.sync();
        }

        @Override
        public long size() {
            return content.bytes.length;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
