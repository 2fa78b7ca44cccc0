package org.sluice.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A directory in memory, for tests that damage a log many thousand times. Knows what was synced, so
 * that {@link #powerCut} can forget any part of the rest, and counts what changes it, so that
 * {@link #failAfter} can stop a caller between any two steps. One thread.
 */
public final class MemoryDirectory implements StoreDirectory {
    private static final int SECTOR_BYTES = 512;
    private static final Path PATH = Path.of("memory");

    /** Thrown in place of the mutation that {@link #failAfter} counted down to. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Inode {
        private byte[] bytes = new byte[0];
        private byte[] durable = new byte[0];
    }

    private final Map<String, Inode> names = new TreeMap<>();
    private Map<String, Inode> durableNames = new TreeMap<>();
    private int mutationsLeft = Integer.MAX_VALUE;
    private int mutations;
    private boolean readOnly;

    /** From now on any change is an error of the caller. */
    public MemoryDirectory readOnly() {
        readOnly = true;
        return this;
    }

    /** Lets {@code count} changes happen and answers the next, and all after it, with Stopped. */
    public void failAfter(int count) {
        mutationsLeft = count;
    }

    /** Changes made so far. */
    public int mutations() {
        return mutations;
    }

    /** A copy that has nothing unsynced. */
    public MemoryDirectory copy() {
        MemoryDirectory copy = new MemoryDirectory();
        Map<Inode, Inode> copies = new LinkedHashMap<>();
        names.forEach(
                (name, inode) -> {
                    Inode target = copies.computeIfAbsent(inode, key -> new Inode());
                    target.bytes = inode.bytes.clone();
                    target.durable = target.bytes;
                    copy.names.put(name, target);
                });
        copy.durableNames = new TreeMap<>(copy.names);
        return copy;
    }

    /**
     * What a power cut may leave: of each unsynced sector the old or the new, of an unsynced size
     * the old or the new, of an unsynced creation, renaming or deletion all or nothing.
     */
    public MemoryDirectory powerCut(Random random) {
        MemoryDirectory left = new MemoryDirectory();
        Map<Inode, Boolean> keptNew = new LinkedHashMap<>();
        List<Inode> inodes = new ArrayList<>(durableNames.values());
        inodes.addAll(names.values());
        Map<Inode, Inode> copies = new LinkedHashMap<>();
        for (Inode inode : inodes) {
            if (!copies.containsKey(inode)) {
                keptNew.put(inode, random.nextBoolean());
                Inode target = new Inode();
                target.bytes = torn(inode, random);
                target.durable = target.bytes;
                copies.put(inode, target);
            }
        }
        durableNames.forEach(
                (name, inode) -> {
                    boolean unchanged = inode.equals(names.get(name));
                    if (unchanged || !Boolean.TRUE.equals(keptNew.get(inode))) {
                        left.names.put(name, copies.get(inode));
                    }
                });
        names.forEach(
                (name, inode) -> {
                    if (Boolean.TRUE.equals(keptNew.get(inode))) {
                        left.names.put(name, copies.get(inode));
                    }
                });
        left.durableNames = new TreeMap<>(left.names);
        return left;
    }

    private static byte[] torn(Inode inode, Random random) {
        byte[] now = inode.bytes;
        byte[] then = inode.durable;
        byte[] result = Arrays.copyOf(now, random.nextBoolean() ? now.length : then.length);
        for (int at = 0; at < result.length; at += SECTOR_BYTES) {
            byte[] source = random.nextBoolean() ? now : then;
            int end = Math.min(at + SECTOR_BYTES, result.length);
            for (int i = at; i < end; i++) {
                result[i] = i < source.length ? source[i] : 0;
            }
        }
        return result;
    }

    /** The bytes of a file, to be looked at. */
    public byte[] bytes(String name) {
        return find(name).bytes.clone();
    }

    /** Changes the content of a file in place, as its writer does: whoever has it open sees it. */
    public void overwrite(String name, byte[] bytes) {
        find(name).bytes = bytes.clone();
    }

    /** Replaces, or makes, a file behind the log's back, durably. */
    public void put(String name, byte[] bytes) {
        Inode inode = new Inode();
        inode.bytes = bytes.clone();
        inode.durable = inode.bytes;
        names.put(name, inode);
        durableNames.put(name, inode);
    }

    /** Removes a file behind the log's back, durably. */
    public void remove(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    @Override
    public Path path() {
        return PATH;
    }

    @Override
    public List<String> list() {
        return new ArrayList<>(names.keySet());
    }

    @Override
    public StoreFile create(String name) {
        mutate();
        if (names.containsKey(name)) {
            throw Errno.exception(Errno.EEXIST, "create", PATH.resolve(name));
        }
        Inode inode = new Inode();
        names.put(name, inode);
        return new MemoryFile(inode);
    }

    @Override
    public StoreFile openForWriting(String name) {
        return new MemoryFile(find(name));
    }

    @Override
    public StoreFile openForReading(String name) {
        return new MemoryFile(find(name));
    }

    @Override
    public void rename(String source, String target) {
        mutate();
        names.put(target, find(source));
        names.remove(source);
    }

    @Override
    public void delete(String name) {
        mutate();
        find(name);
        names.remove(name);
    }

    @Override
    public void sync() {
        mutate();
        durableNames = new TreeMap<>(names);
    }

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    private Inode find(String name) {
        Inode inode = names.get(name);
        if (inode == null) {
            throw Errno.exception(Errno.ENOENT, "open", PATH.resolve(name));
        }
        return inode;
    }

    private void mutate() {
        if (readOnly) {
            throw new AssertionError("a reader changed the directory");
        }
        if (mutationsLeft == 0) {
            throw new Stopped();
        }
        mutationsLeft--;
        mutations++;
    }

    private final class MemoryFile implements StoreFile {
        private final Inode inode;

        MemoryFile(Inode inode) {
            this.inode = inode;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            byte[] bytes = inode.bytes;
            if (position >= bytes.length) {
                return 0;
            }
            int count = (int) Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, (int) position, count);
            return count;
        }

        @Override
        public void write(ByteBuffer source, long position) {
            mutate();
            int count = source.remaining();
            int end = Math.toIntExact(position + count);
            byte[] bytes = Arrays.copyOf(inode.bytes, Math.max(inode.bytes.length, end));
            source.get(bytes, (int) position, count);
            inode.bytes = bytes;
        }

        @Override
        public void truncate(long bytes) {
            mutate();
            if (bytes < inode.bytes.length) {
                inode.bytes = Arrays.copyOf(inode.bytes, (int) bytes);
            }
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            mutate();
            if (bytes > inode.bytes.length) {
                inode.bytes = Arrays.copyOf(inode.bytes, Math.toIntExact(bytes));
            }
        }

        @Override
        public void sync() {
            mutate();
            inode.durable = inode.bytes;
        }

        @Override
        public long size() {
            return inode.bytes.length;
        }

        @Override
        public void close() {}
    }
}
