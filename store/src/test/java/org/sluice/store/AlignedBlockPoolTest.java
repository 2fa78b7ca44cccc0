package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AlignedBlockPoolTest {
    private static final int BLOCK_BYTES = 2 * AlignedBlockPool.PAGE_BYTES;

    private final AlignedBlockPool pool = new AlignedBlockPool(3, BLOCK_BYTES);

    @Test
    void blocksShouldBePageAlignedAndApart() {
        for (int i = 0; i < pool.blockCount(); i++) {
            AlignedBlock block = pool.block(i);
            assertEquals(i, block.index());
            assertEquals(BLOCK_BYTES, block.bytes());
            assertEquals(0, block.address() % AlignedBlockPool.PAGE_BYTES);
            assertEquals(pool.block(0).address() + (long) i * BLOCK_BYTES, block.address());
        }
    }

    @Test
    void viewsShouldShowTheSameBytes() {
        AlignedBlock block = pool.take();

        block.buffer().putByte(BLOCK_BYTES - 1, (byte) 7);

        assertEquals(7, block.byteBuffer().get(BLOCK_BYTES - 1));
    }

    @Test
    void takeShouldReturnNullWhenAllAreTaken() {
        AlignedBlock first = pool.take();
        AlignedBlock second = pool.take();
        AlignedBlock third = pool.take();

        assertNotEquals(first.index(), second.index());
        assertNotEquals(second.index(), third.index());
        assertNull(pool.take());
        assertEquals(0, pool.freeCount());
    }

    @Test
    void releasedBlockShouldBeTakenNext() {
        AlignedBlock first = pool.take();
        pool.take();

        pool.release(first);

        assertEquals(2, pool.freeCount());
        assertSame(first, pool.take());
    }

    @Test
    void blockShouldPassThroughItsStates() {
        AlignedBlock block = pool.block(0);
        assertSame(AlignedBlock.State.FREE, block.state());
        assertSame(block, pool.take());
        assertSame(AlignedBlock.State.FILLING, block.state());
        block.handOver();
        assertSame(AlignedBlock.State.IN_FLIGHT, block.state());
        pool.release(block);
        assertSame(AlignedBlock.State.FREE, block.state());
    }

    @Test
    void brokenStatesShouldBeNoticed() {
        AlignedBlock block = pool.take();
        AlignedBlock foreign = new AlignedBlockPool(1, BLOCK_BYTES).take();
        pool.release(block);

        assertThrows(AssertionError.class, () -> pool.release(block));
        assertThrows(AssertionError.class, block::handOver);
        assertThrows(AssertionError.class, () -> pool.release(foreign));
    }

    @Test
    void wrongSizesShouldBeRefusedWithTheirValues() {
        assertMessage("0", () -> new AlignedBlockPool(0, BLOCK_BYTES));
        assertMessage("4095", () -> new AlignedBlockPool(1, 4095));
        assertMessage("4097", () -> new AlignedBlockPool(1, 4097));
        assertThrows(ArithmeticException.class, () -> new AlignedBlockPool(1 << 20, BLOCK_BYTES));
    }

    private static void assertMessage(String value, Runnable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().endsWith(": " + value), e.getMessage());
    }
}
