package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.SegmentDescriptor.Header;

class SegmentDescriptorTest {
    private static final long SEGMENT_BYTES = 1 << 20;

    private final UnsafeBuffer buffer = SegmentFile.newBuffer(SegmentDescriptor.HEADER_BYTES);

    @Test
    void headerShouldComeBackAsItWas() {
        Header prepared = prepared();
        Header active = prepared.activated(123_456_789_012L, SegmentDescriptor.FLAG_SUPERSEDES);

        assertEquals(prepared, roundTrip(prepared));
        assertEquals(active, roundTrip(active));
        assertEquals(SegmentDescriptor.VERSION, SegmentDescriptor.version(buffer, 0));
        assertTrue(active.supersedes());
        assertFalse(prepared.supersedes());
        assertEquals(SEGMENT_BYTES - 4096, active.indexPosition());
    }

    @Test
    void headerShouldComeBackFromAnyOffset() {
        UnsafeBuffer larger = new UnsafeBuffer(new byte[2 * SegmentDescriptor.HEADER_BYTES]);

        SegmentDescriptor.encode(larger, 24, prepared());

        assertTrue(SegmentDescriptor.isValid(larger, 24));
        assertEquals(prepared(), SegmentDescriptor.decode(larger, 24));
        assertFalse(SegmentDescriptor.isValid(larger, 16));
    }

    @Test
    void everyFlippedBitShouldBeNoticed() {
        SegmentDescriptor.encode(buffer, 0, prepared());

        for (int bit = 0; bit < SegmentDescriptor.HEADER_SECTOR_BYTES * 8; bit++) {
            flip(bit);
            assertFalse(SegmentDescriptor.isValid(buffer, 0), "bit " + bit);
            flip(bit);
        }
        assertTrue(SegmentDescriptor.isValid(buffer, 0));
    }

    private void flip(int bit) {
        int at = bit / 8;
        buffer.putByte(at, (byte) (buffer.getByte(at) ^ (1 << (bit % 8))));
    }

    @Test
    void shortBufferShouldNotBeValid() {
        UnsafeBuffer page = new UnsafeBuffer(new byte[SegmentDescriptor.HEADER_BYTES]);
        SegmentDescriptor.encode(page, 0, prepared());

        assertFalse(SegmentDescriptor.isValid(new UnsafeBuffer(page, 0, 511), 0));
        assertTrue(SegmentDescriptor.isValid(new UnsafeBuffer(page, 0, 512), 0));
        assertFalse(SegmentDescriptor.isValid(new UnsafeBuffer(new byte[0]), 0));
    }

    @Test
    void forgedValuesShouldBeRefused() {
        assertForged(header(0, 1, -1, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(-1, 1, -1, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, 0, -1, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, 3, 0, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, SegmentDescriptor.PREPARED, 0, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, SegmentDescriptor.ACTIVE, -1, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, 2, (1L << 62) + 1, SEGMENT_BYTES, 4096, 512, 8192));
        assertForged(header(1, 2, Long.MAX_VALUE, SEGMENT_BYTES, 4096, 512, 8192));
        assertNotNull(roundTrip(header(1, 2, 1L << 62, SEGMENT_BYTES, 4096, 512, 8192)));
        assertForged(header(1, 1, -1, 64 * 1024 - 1, 4096, 512, 8192));
        assertForged(header(1, 1, -1, (1L << 40) + 1, 4096, 512, 8192));
        assertForged(header(1, 1, -1, Long.MAX_VALUE, 4096, 512, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, -1, 512, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, Integer.MIN_VALUE, 512, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, (int) SEGMENT_BYTES, 512, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 0, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 48, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, Integer.MIN_VALUE, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 8192, 8192));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 512, 47));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 512, -1));
        assertForged(header(1, 1, -1, SEGMENT_BYTES, 4096, 512, 64 * 1024 * 1024 + 1));
        assertNotNull(roundTrip(header(1, 1, -1, SEGMENT_BYTES, 4096, 512, 8192)));
    }

    private void assertForged(Header header) {
        assertNull(roundTrip(header), header.toString());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 9, 10, 123_456, 9_999_999_999_999_999L})
    void fileNameShouldComeBackAsNumber(long number) {
        assertEquals(number, SegmentDescriptor.numberOf(SegmentDescriptor.fileName(number)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".seg",
                "1.seg",
                "LOCK",
                "0000000000000000.seg",
                "00000000000000001.seg",
                "000000000000000x.seg",
                "-000000000000001.seg",
                "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١.seg",
                "0000000000000001.SEG",
                "0000000000000001.seg.bak"
            })
    void otherNamesShouldNotBeSegments(String name) {
        assertEquals(-1, SegmentDescriptor.numberOf(name));
    }

    private Header roundTrip(Header header) {
        SegmentDescriptor.encode(buffer, 0, header);
        assertTrue(SegmentDescriptor.isValid(buffer, 0));
        return SegmentDescriptor.decode(buffer, 0);
    }

    private static Header prepared() {
        return header(42, SegmentDescriptor.PREPARED, -1, SEGMENT_BYTES, 4096, 512, 65536);
    }

    private static Header header(
            long number,
            int state,
            long baseIndex,
            long segmentBytes,
            int indexBytes,
            int alignBytes,
            int batchBytesMax) {
        return new Header(
                number,
                state,
                baseIndex,
                1_700_000_000_000_000_000L,
                segmentBytes,
                indexBytes,
                alignBytes,
                batchBytesMax,
                0,
                0x0123_4567_89AB_CDEFL);
    }
}
