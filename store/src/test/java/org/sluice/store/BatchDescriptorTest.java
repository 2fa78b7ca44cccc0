package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

class BatchDescriptorTest {
    private static final int OFFSET = 512;
    private static final int LENGTH = 48 + 16 + 8;
    private static final int PADDED_LENGTH = 512;
    private static final int ALIGN_BYTES = 512;
    private static final long LOG_ID = 0x1122_3344_5566_7788L;
    private static final long SEGMENT = 3;
    private static final long POSITION = 8192;

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(4096);
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final BatchChecksum checksum = new BatchChecksum();

    @BeforeEach
    void encode() {
        byte[] garbage = new byte[bytes.capacity()];
        new Random(1).nextBytes(garbage);
        buffer.putBytes(0, garbage);
        encode(LENGTH, PADDED_LENGTH, 2, 77);
    }

    private void encode(int length, int paddedLength, int entryCount, long baseIndex) {
        BatchDescriptor.encodeHeader(
                buffer,
                OFFSET,
                length,
                paddedLength,
                entryCount,
                baseIndex,
                1_700_000_000_000_000_001L,
                70,
                BatchDescriptor.FLAG_CLOSED);
        if (length == LENGTH) {
            checksum.seal(buffer, bytes, OFFSET, length, LOG_ID, SEGMENT, POSITION);
        }
    }

    @Test
    void headerShouldComeBackAsItWas() {
        assertEquals(LENGTH, BatchDescriptor.length(buffer, OFFSET));
        assertEquals(PADDED_LENGTH, BatchDescriptor.paddedLength(buffer, OFFSET));
        assertEquals(2, BatchDescriptor.entryCount(buffer, OFFSET));
        assertEquals(77, BatchDescriptor.baseIndex(buffer, OFFSET));
        assertEquals(1_700_000_000_000_000_001L, BatchDescriptor.timestampNs(buffer, OFFSET));
        assertEquals(70, BatchDescriptor.durableIndex(buffer, OFFSET));
        assertEquals(BatchDescriptor.FLAG_CLOSED, BatchDescriptor.flags(buffer, OFFSET));
        assertTrue(isIntact());
    }

    @Test
    void everyFlippedBitShouldBeNoticed() {
        for (int bit = OFFSET * 8; bit < (OFFSET + LENGTH) * 8; bit++) {
            flip(bit);
            assertFalse(isIntact(), "bit " + (bit - OFFSET * 8));
            flip(bit);
        }
        assertTrue(isIntact());
    }

    @Test
    void paddingAndNeighboursShouldNotMatter() {
        for (int at = 0; at < bytes.capacity(); at++) {
            if (at < OFFSET || at >= OFFSET + LENGTH) {
                flip(at * 8);
            }
        }

        assertTrue(isIntact());
    }

    @Test
    void batchShouldBeValidInItsOwnPlaceOnly() {
        assertTrue(matches(LOG_ID, SEGMENT, POSITION));
        assertFalse(matches(LOG_ID + 1, SEGMENT, POSITION));
        assertFalse(matches(LOG_ID, SEGMENT + 1, POSITION));
        assertFalse(matches(LOG_ID, SEGMENT, POSITION + 512));
        assertFalse(matches(SEGMENT, LOG_ID, POSITION));
    }

    @Test
    void forgedLengthsShouldBeRefused() {
        assertImplausible(0, 512, 0, 0);
        assertImplausible(40, 512, 0, 0);
        assertImplausible(49, 512, 0, 0);
        assertImplausible(-8, 512, 0, 0);
        assertImplausible(Integer.MIN_VALUE, 512, 0, 0);
        assertImplausible(Integer.MAX_VALUE & -8, 512, 0, 0);
        assertImplausible(520, 512, 0, 0);
        assertImplausible(56, 0, 0, 0);
        assertImplausible(56, 513, 0, 0);
        assertImplausible(56, -512, 0, 0);
        assertImplausible(56, 8192, 0, 0);
        assertImplausible(56, 4096, 0, 0);
        assertImplausible(56, 512, 2, 0);
        assertImplausible(56, 512, -1, 0);
        assertImplausible(56, 512, Integer.MAX_VALUE, 0);
        assertImplausible(56, 512, 1, -1);
        assertImplausible(56, 512, 1, Long.MIN_VALUE);
        assertImplausible(56, 512, 1, Long.MAX_VALUE);
        encode(56, 512, 1, Long.MAX_VALUE - 1);
        assertTrue(isPlausible());
    }

    private void assertImplausible(int length, int paddedLength, int entryCount, long baseIndex) {
        encode(length, paddedLength, entryCount, baseIndex);
        assertFalse(isPlausible(), length + " " + paddedLength + " " + entryCount);
    }

    @Test
    void magicShouldSpellItsName() {
        byte[] magic = new byte[4];
        buffer.getBytes(OFFSET, magic);

        assertEquals("SBAT", new String(magic, java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals(
                BatchDescriptor.MAGIC,
                ByteBuffer.wrap(magic).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    @Test
    void entryBytesShouldIncludeHeaderAndPadding() {
        assertEquals(8, BatchDescriptor.entryBytes(0));
        assertEquals(8, BatchDescriptor.entryBytes(4));
        assertEquals(16, BatchDescriptor.entryBytes(5));
        assertEquals(264, BatchDescriptor.entryBytes(256));
    }

    private void flip(int bit) {
        int at = bit / 8;
        buffer.putByte(at, (byte) (buffer.getByte(at) ^ (1 << (bit % 8))));
    }

    private boolean isIntact() {
        return isPlausible() && matches(LOG_ID, SEGMENT, POSITION);
    }

    private boolean isPlausible() {
        return BatchDescriptor.isPlausible(buffer, OFFSET, ALIGN_BYTES, 2048, 2048);
    }

    private boolean matches(long logId, long segment, long position) {
        int length = BatchDescriptor.length(buffer, OFFSET);
        int stored = BatchDescriptor.crc(buffer, OFFSET);
        return checksum.matches(bytes, OFFSET, length, stored, logId, segment, position);
    }
}
