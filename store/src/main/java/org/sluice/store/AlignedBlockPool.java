package org.sluice.store;

import org.agrona.BitUtil;
import org.agrona.BufferUtil;

import java.nio.ByteBuffer;

/**
 * A fixed number of equal, page-aligned blocks in one stretch of off-heap memory, all allocated at
 * construction. One thread takes and releases.
 *
 * <p>The memory lives as long as anything refers to the pool or a block of it, so that no view can
 * outlive it.
 */
public final class AlignedBlockPool {
    /** Alignment of every block in bytes: a page, which is a multiple of any sector. */
    public static final int PAGE_BYTES = 4096;

    private final int blockBytes;
    private final AlignedBlock[] blocks;
    private final AlignedBlock[] free;
    private int freeCount;

    /**
     * @param blockCount blocks, at least 1
     * @param blockBytes bytes a block, a multiple of {@link #PAGE_BYTES}
     */
    public AlignedBlockPool(int blockCount, int blockBytes) {
        if (blockCount < 1) {
            throw new IllegalArgumentException("blockCount must be at least 1: " + blockCount);
        }
        if (blockBytes < PAGE_BYTES || !BitUtil.isAligned(blockBytes, PAGE_BYTES)) {
            throw new IllegalArgumentException(
                    "blockBytes must be a multiple of " + PAGE_BYTES + ": " + blockBytes);
        }
        this.blockBytes = blockBytes;
        this.blocks = new AlignedBlock[blockCount];
        this.free = new AlignedBlock[blockCount];
        ByteBuffer slab =
                BufferUtil.allocateDirectAligned(
                        Math.multiplyExact(blockCount, blockBytes), PAGE_BYTES);
        for (int i = 0; i < blockCount; i++) {
            blocks[i] = new AlignedBlock(i, slab.slice(i * blockBytes, blockBytes));
        }
        // Filled backwards so that block 0 is taken first.
        for (int i = blockCount - 1; i >= 0; i--) {
            free[freeCount++] = blocks[i];
        }
    }

    /** Takes a block for filling, or returns null if none is free. */
    public AlignedBlock take() {
        if (freeCount == 0) {
            return null;
        }
        AlignedBlock block = free[--freeCount];
        block.take();
        return block;
    }

    /** Gives a block back. The most recently released is taken first: it is still in the cache. */
    public void release(AlignedBlock block) {
        assert blocks[block.index()] == block : "block of another pool";
        block.free();
        free[freeCount++] = block;
    }

    /** Blocks that can be taken now. */
    public int freeCount() {
        return freeCount;
    }

    /** Blocks in all. */
    public int blockCount() {
        return blocks.length;
    }

    /** Size of each block in bytes. */
    public int blockBytes() {
        return blockBytes;
    }

    /** The block at {@code index}, whatever its state, for registering it with a kernel. */
    public AlignedBlock block(int index) {
        return blocks[index];
    }
}
