package org.sluice.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory in memory, for tests that damage a log many thousand times. Knows what was synced, so
 * that {@link #powerCut} can forget any part of the rest, and counts what changes it, so that
 * {@link #failAfter} can stop a caller between any two steps, and {@link #failOnceAfter} refuse one
 * step alone. One thread.
 */
public final class MemoryDirectory implements StoreDirectory {
    private static final Path PATH = Path.of("memory");

    /** Thrown in place of the mutation that {@link #failAfter} counted down to. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Something that happened to names: a creation, a renaming or a deletion. */
    private record NameChange(String removed, String added, MemoryInode inode) {
        void applyTo(Map<String, MemoryInode> names) {
            boolean isThere = removed == null || names.remove(removed) != null;
            if (isThere && added != null) {
                names.put(added, inode);
            }
        }
    }

    private final Map<String, MemoryInode> names = new TreeMap<>();
    private final Map<String, MemoryInode> durableNames = new TreeMap<>();
    private final List<NameChange> pendingChanges = new ArrayList<>();
    private int mutationsLeft = Integer.MAX_VALUE;
    private int mutationsLeftThen = Integer.MAX_VALUE;
    private AppendException fault;
    private int mutations;
    private boolean readOnly;
    private boolean isStopped;
    private long fileBytesMax = Integer.MAX_VALUE;

    /** From now on no file grows longer: a forged header may put something a terabyte behind. */
    public MemoryDirectory limitFiles(long bytes) {
        fileBytesMax = bytes;
        return this;
    }

    /** From now on any change is an error of the caller. */
    public MemoryDirectory readOnly() {
        readOnly = true;
        return this;
    }

    /** Lets {@code count} changes happen and answers the next, and all after it, with Stopped. */
    public void failAfter(int count) {
        mutationsLeft = count;
        fault = null;
    }

    /** Whether a change was answered with Stopped. */
    public boolean isStopped() {
        return isStopped;
    }

    /** Lets {@code count} changes happen and answers the next, and no other, with {@code code}. */
    public void failOnceAfter(int count, AppendException.Code code) {
        failOnceAfter(count, new AppendException(code, "fails once, as asked"));
    }

    /** As above, with {@code thrown}. */
    void failOnceAfter(int count, AppendException thrown) {
        mutationsLeft = count;
        fault = thrown;
    }

    /** After that one fault, lets {@code count} changes happen, and then none. */
    void failAfterThat(int count) {
        mutationsLeftThen = count;
    }

    /** Changes made so far. */
    public int mutations() {
        return mutations;
    }

    /** A copy that has nothing unsynced. */
    public MemoryDirectory copy() {
        MemoryDirectory copy = new MemoryDirectory();
        names.forEach((name, inode) -> copy.names.put(name, inode.copy()));
        copy.settleNames();
        copy.fileBytesMax = fileBytesMax;
        return copy;
    }

    /**
     * What a power cut may leave: of each unsynced sector the old or the new, of an unsynced size
     * the old or the new; of the creations, renamings and deletions since the last sync of the
     * directory any subset has happened, in their order.
     */
    public MemoryDirectory powerCut(Random random) {
        Map<String, MemoryInode> leftNames = new TreeMap<>(durableNames);
        for (NameChange change : pendingChanges) {
            if (random.nextBoolean()) {
                change.applyTo(leftNames);
            }
        }
        MemoryDirectory left = new MemoryDirectory();
        leftNames.forEach((name, inode) -> left.names.put(name, inode.afterCut(random)));
        left.settleNames();
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

    /** Replaces, or makes, a file behind the log's back; all names are durable then. */
    public void put(String name, byte[] bytes) {
        MemoryInode inode = new MemoryInode();
        inode.overwrite(bytes);
        inode.sync();
        names.put(name, inode);
        settleNames();
    }

    /** Removes a file behind the log's back; all names are durable then. */
    public void remove(String name) {
        names.remove(name);
        settleNames();
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
        change(null, name, inode);
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
        change(source, target, find(source));
    }

    @Override
    public void delete(String name) {
        mutate();
        change(name, null, find(name));
    }

    @Override
    public void sync() {
        mutate();
        settleNames();
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

    private void change(String removed, String added, MemoryInode inode) {
        NameChange change = new NameChange(removed, added, inode);
        change.applyTo(names);
        pendingChanges.add(change);
    }

    private void settleNames() {
        durableNames.clear();
        durableNames.putAll(names);
        pendingChanges.clear();
    }

    private void mutate() {
        if (readOnly) {
            throw new AssertionError("a reader changed the directory");
        }
        if (mutationsLeft == 0 && fault == null) {
            isStopped = true;
            throw new Stopped();
        }
        if (mutationsLeft == 0) {
            AppendException thrown = fault;
            fault = null;
            mutationsLeft = mutationsLeftThen;
            throw thrown;
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
            requireFits(position + source.remaining());
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
            requireFits(bytes);
            inode.extend(bytes);
        }

        private void requireFits(long bytes) {
            if (bytes > fileBytesMax) {
                throw Errno.exception(Errno.EFBIG, "write to a file in", PATH);
            }
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
