package org.sluice.appender;

import org.agrona.BitUtil;

/**
 * The writes in flight, in the order of their positions. They complete in any order and leave in
 * this one, which is what makes "written" a prefix. Used by the writer thread only.
 */
final class WriteWindow {
    private final Write[] writes;
    private final int mask;
    private long head;
    private long tail;

    WriteWindow(int capacity) {
        writes = new Write[BitUtil.findNextPositivePowerOfTwo(capacity)];
        mask = writes.length - 1;
        for (int i = 0; i < writes.length; i++) {
            writes[i] = new Write();
        }
    }

    boolean isEmpty() {
        return head == tail;
    }

    boolean isFull() {
        return tail - head == writes.length;
    }

    int size() {
        return (int) (tail - head);
    }

    /** The number the next {@link #add} gives: its tag at the disk. */
    long nextTag() {
        return tail;
    }

    Write add() {
        assert !isFull();
        Write write = writes[(int) tail & mask];
        assert write.state == Write.State.FREE : write.state;
        tail++;
        return write;
    }

    long oldestTag() {
        return head;
    }

    Write get(long tag) {
        assert tag >= head && tag < tail : tag + " is not in " + head + ".." + tail;
        return writes[(int) tag & mask];
    }

    Write oldest() {
        return head == tail ? null : writes[(int) head & mask];
    }

    /**
     * Whether the oldest write has zeros behind its batch: until it is done, and it may end in any
     * way and late, a batch submitted to their place could be overwritten by them.
     */
    boolean hasZeros() {
        return head != tail && oldest().zeros > 0;
    }

    void removeOldest() {
        Write write = writes[(int) head & mask];
        write.state = Write.State.FREE;
        write.segment = null;
        write.block = null;
        head++;
    }
}
