package org.sluice.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory in memory, for tests that damage a log many thousand times. Knows what was synced, so
 * that {@link #powerCut} can forget any part of the rest, and counts what changes it, so that
 * {@link #failAfter} can stop a caller between any two steps. One thread.
 */
public final class MemoryDirectory implements StoreDirectory {
    private static final Path PATH = Path.of("memory");

    /** Thrown in place of the mutation that {@link #failAfter} counted down to. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Map<String, MemoryInode> names = new TreeMap<>();
    private Map<String, MemoryInode> durableNames = new TreeMap<>();
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
        Map<MemoryInode, MemoryInode> copies = new LinkedHashMap<>();
        names.forEach(
                (name, inode) -> {
                    copy.names.put(name, copies.computeIfAbsent(inode, MemoryInode::copy));
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
        Map<MemoryInode, Boolean> keptNew = new LinkedHashMap<>();
        List<MemoryInode> inodes = new ArrayList<>(durableNames.values());
        inodes.addAll(names.values());
        Map<MemoryInode, MemoryInode> copies = new LinkedHashMap<>();
        for (MemoryInode inode : inodes) {
            if (!copies.containsKey(inode)) {
                keptNew.put(inode, random.nextBoolean());
                copies.put(inode, inode.afterCut(random));
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

    /** The bytes of a file, to be looked at. */
    public byte[] bytes(String name) {
        return find(name).content();
    }

    /** Changes the content of a file in place, as its writer does: whoever has it open sees it. */
    public void overwrite(String name, byte[] bytes) {
        find(name).overwrite(bytes);
    }

    /** Replaces, or makes, a file behind the log's back, durably. */
    public void put(String name, byte[] bytes) {
        MemoryInode inode = new MemoryInode();
        inode.overwrite(bytes);
        inode.sync();
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
        MemoryInode inode = new MemoryInode();
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

    /** The file of that name. */
    MemoryInode find(String name) {
        MemoryInode inode = names.get(name);
        if (inode == null) {
            throw Errno.exception(Errno.ENOENT, "open", PATH.resolve(name));
        }
        return inode;
    }

    /** Bytes that all files take up. */
    long allocatedBytes() {
        Set<MemoryInode> inodes = Collections.newSetFromMap(new IdentityHashMap<>());
        inodes.addAll(names.values());
        return inodes.stream().mapToLong(MemoryInode::allocatedBytes).sum();
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
        private final MemoryInode inode;

        MemoryFile(MemoryInode inode) {
            this.inode = inode;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return inode.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            mutate();
            inode.write(source, position);
        }

        @Override
        public void truncate(long bytes) {
            mutate();
            inode.truncate(bytes);
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            mutate();
            inode.extend(bytes);
        }

        @Override
        public void sync() {
            mutate();
            inode.sync();
        }

        @Override
        public long size() {
            return inode.bytes();
        }

        @Override
        public void close() {}
    }
}
