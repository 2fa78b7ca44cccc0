package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.SegmentDescriptor.Header;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

class SegmentFileTest {
    private static final Header HEADER = SegmentBuilder.header(5, 3, 100);
    private static final String NAME = SegmentDescriptor.fileName(3);

    private final MemoryDirectory directory = new MemoryDirectory();

    @Test
    void headerShouldComeBackAsItWas() {
        try (StoreFile file = directory.create(NAME)) {
            SegmentFile.writeHeader(file, HEADER);

            assertEquals(HEADER, SegmentFile.readHeader(directory, NAME, file));
            assertEquals(SegmentDescriptor.HEADER_BYTES, file.size());
        }
    }

    @Test
    void missingOrDamagedHeaderShouldBeNone() {
        try (StoreFile file = directory.create(NAME)) {
            assertNull(SegmentFile.readHeader(directory, NAME, file));
            SegmentFile.writeHeader(file, HEADER);
            file.write(ByteBuffer.wrap(new byte[] {1}), 100);
            assertNull(SegmentFile.readHeader(directory, NAME, file));
            SegmentFile.writeHeader(file, HEADER);
            file.truncate(SegmentDescriptor.HEADER_BYTES - 1);
            assertNull(SegmentFile.readHeader(directory, NAME, file));
        }
    }

    @Test
    void newerFormatShouldBeToldFromDamage() {
        AppendException e = readForged(SegmentDescriptor.VERSION_OFFSET, 2);

        assertSame(AppendException.Code.NEWER_FORMAT, e.code());
        assertTrue(e.getMessage().contains("format 2"), e.getMessage());
        assertEquals(directory.path().resolve(NAME), e.file());
    }

    @Test
    void valuesThatCannotBeTrueShouldBeCorruption() {
        assertSame(
                AppendException.Code.CORRUPT,
                readForged(SegmentDescriptor.VERSION_OFFSET, 0).code());
        assertSame(
                AppendException.Code.CORRUPT,
                readForged(SegmentDescriptor.VERSION_OFFSET, -1).code());
        assertSame(
                AppendException.Code.CORRUPT, readForged(SegmentDescriptor.STATE_OFFSET, 9).code());
    }

    @Test
    void renamedSegmentShouldBeCorruption() {
        String name = SegmentDescriptor.fileName(4);
        try (StoreFile file = directory.create(name)) {
            SegmentFile.writeHeader(file, HEADER);

            AppendException e =
                    assertThrows(
                            AppendException.class,
                            () -> SegmentFile.readHeader(directory, name, file));

            assertSame(AppendException.Code.CORRUPT, e.code());
            assertTrue(e.getMessage().contains("segment 3"), e.getMessage());
        }
    }

    /** An index is made in memory first, as long as the header says. */
    @ParameterizedTest
    @ValueSource(ints = {0, 4_096, 32 << 20, Integer.MAX_VALUE})
    void indexOfForgedLengthShouldNotBeWritten(int indexBytes) {
        Header forged =
                new Header(
                        3,
                        SegmentDescriptor.ACTIVE,
                        0,
                        1_000,
                        SegmentDescriptor.SEGMENT_BYTES_MAX,
                        indexBytes,
                        8,
                        SegmentDescriptor.BATCH_BYTES_MAX,
                        0,
                        9);
        try (StoreFile file = directory.create(NAME)) {
            SparseIndexBuilder points = new SparseIndexBuilder(forged.segmentBytes());

            SegmentFile.writeIndex(file, forged, points, 0, SegmentDescriptor.HEADER_BYTES);

            assertEquals(0, file.size());
        }
    }

    /** Reads a header with one value changed and a checksum that agrees. */
    private AppendException readForged(int offset, int value) {
        UnsafeBuffer buffer = SegmentFile.newBuffer(SegmentDescriptor.HEADER_BYTES);
        SegmentDescriptor.encode(buffer, 0, HEADER);
        buffer.putInt(offset, value, ByteOrder.LITTLE_ENDIAN);
        Signatures.signHeader(buffer);
        if (directory.list().isEmpty()) {
            directory.create(NAME).close();
        }
        try (StoreFile file = directory.openForWriting(NAME)) {
            file.write(buffer.byteBuffer(), 0);
            return assertThrows(
                    AppendException.class, () -> SegmentFile.readHeader(directory, NAME, file));
        }
    }
}
