package org.sluice.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/**
 * The content of a file in memory: as it is seen, and what of it is durable, sector by sector. One
 * thread.
 */
final class MemoryInode {
    static final int SECTOR_BYTES = 512;
    static final int PAGE_BYTES = 4096;

    private byte[] seen = {};
    private byte[] durable = {};
    private int bytes;
    private int durableBytes;

    /** Sectors that the next sync will write. */
    private final BitSet dirty = new BitSet();

    /** Sectors whose durable bytes may be others than those seen. */
    private final BitSet unsure = new BitSet();

    /** Pages that take up space. */
    private final BitSet pages = new BitSet();

    int bytes() {
        return bytes;
    }

    /** A copy of what is seen. */
    byte[] content() {
        return Arrays.copyOf(seen, bytes);
    }

    /** Changes what is seen; nothing of it is durable. */
    void overwrite(byte[] content) {
        truncate(0);
        write(ByteBuffer.wrap(content), 0);
    }

    int read(ByteBuffer target, long position) {
        if (position >= bytes) {
            return 0;
        }
        int count = (int) Math.min(target.remaining(), bytes - position);
        target.put(seen, (int) position, count);
        return count;
    }

    void write(ByteBuffer source, long position) {
        int start = Math.toIntExact(position);
        int end = start + source.remaining();
        reserve(end);
        source.get(seen, start, end - start);
        bytes = Math.max(bytes, end);
        change(start, end);
        take(start, end);
    }

    void truncate(long size) {
        if (size >= bytes) {
            return;
        }
        int end = (int) size;
        Arrays.fill(seen, end, bytes, (byte) 0);
        change(end, bytes);
        free(pages, end);
        bytes = end;
    }

    void extend(long size) {
        if (size > bytes) {
            reserve(Math.toIntExact(size));
            bytes = (int) size;
        }
    }

    private void reserve(int size) {
        if (size > seen.length) {
            int capacity = Math.max(size, seen.length + (seen.length >> 1));
            seen = Arrays.copyOf(seen, capacity);
            durable = Arrays.copyOf(durable, capacity);
        }
    }

    private void change(int start, int end) {
        int first = start / SECTOR_BYTES;
        int last = Math.ceilDiv(end, SECTOR_BYTES);
        dirty.set(first, last);
        unsure.set(first, last);
    }

    // ---- durability ----

    /** The sectors that a sync begun now would write. */
    BitSet dirtySectors() {
        return (BitSet) dirty.clone();
    }

    /** All of it is durable but for what a failed sync has lost. */
    void sync() {
        sync(dirtySectors());
    }

    /** The size is durable, and those of the {@code covered} sectors that are dirty. */
    void sync(BitSet covered) {
        for (int sector = covered.nextSetBit(0);
                sector >= 0;
                sector = covered.nextSetBit(sector + 1)) {
            if (dirty.get(sector)) {
                keep(sector);
            }
        }
        durableBytes = bytes;
    }

    /** What was written from {@code position} is durable, and the size. */
    void keep(long position, int length) {
        int last = Math.ceilDiv((int) position + length, SECTOR_BYTES);
        for (int sector = (int) position / SECTOR_BYTES; sector < last; sector++) {
            keep(sector);
        }
        durableBytes = bytes;
    }

    private void keep(int sector) {
        int start = sector * SECTOR_BYTES;
        int end = Math.min(start + SECTOR_BYTES, seen.length);
        if (start < end) {
            System.arraycopy(seen, start, durable, start, end - start);
        }
        dirty.clear(sector);
        unsure.clear(sector);
    }

    /**
     * A sync of {@code covered} has failed: of each sector it is open whether it is durable, still
     * dirty, clean without being durable, or even forgotten.
     *
     * @return sectors that no later sync will write though they are not durable
     */
    int failSync(BitSet covered, Random random) {
        int lost = 0;
        for (int sector = covered.nextSetBit(0);
                sector >= 0;
                sector = covered.nextSetBit(sector + 1)) {
            if (dirty.get(sector)) {
                switch (random.nextInt(4)) {
                    case 0 -> keep(sector);
                    case 1 -> {}
                    case 2 -> {
                        dirty.clear(sector);
                        lost++;
                    }
                    default -> {
                        int start = sector * SECTOR_BYTES;
                        int end = Math.min(start + SECTOR_BYTES, seen.length);
                        System.arraycopy(durable, start, seen, start, end - start);
                        dirty.clear(sector);
                        unsure.clear(sector);
                        lost++;
                    }
                }
            }
        }
        return lost;
    }

    /** A copy that is durable as it is seen. */
    MemoryInode copy() {
        return settled(seen, bytes);
    }

    /** What a power cut may leave: of each sector, and of the size, the durable or the seen. */
    MemoryInode afterCut(Random random) {
        byte[] left = durable.clone();
        for (int sector = unsure.nextSetBit(0);
                sector >= 0;
                sector = unsure.nextSetBit(sector + 1)) {
            int start = sector * SECTOR_BYTES;
            int end = Math.min(start + SECTOR_BYTES, seen.length);
            if (start < end && random.nextBoolean()) {
                System.arraycopy(seen, start, left, start, end - start);
            }
        }
        return settled(left, random.nextBoolean() ? bytes : durableBytes);
    }

    private MemoryInode settled(byte[] content, int size) {
        MemoryInode inode = new MemoryInode();
        inode.seen = Arrays.copyOf(content, size);
        inode.durable = inode.seen.clone();
        inode.bytes = size;
        inode.durableBytes = size;
        inode.pages.or(pages);
        free(inode.pages, size);
        return inode;
    }

    // ---- space ----

    /** What lies behind {@code end} takes up no space. */
    private static void free(BitSet pages, int end) {
        int first = Math.ceilDiv(end, PAGE_BYTES);
        pages.clear(first, Math.max(first, pages.length()));
    }

    /** Bytes of the pages that take up space. */
    long allocatedBytes() {
        return (long) pages.cardinality() * PAGE_BYTES;
    }

    /** Bytes of the pages from {@code start} to {@code end} that take up none yet. */
    long missingBytes(long start, long end) {
        int first = (int) (start / PAGE_BYTES);
        int last = (int) Math.ceilDiv(end, PAGE_BYTES);
        return (long) (last - first - pages.get(first, last).cardinality()) * PAGE_BYTES;
    }

    /** The pages from {@code start} to {@code end} take up space. */
    void take(long start, long end) {
        pages.set((int) (start / PAGE_BYTES), (int) Math.ceilDiv(end, PAGE_BYTES));
    }
}
