package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

final class BatchReaderTest {
    private static final long LOG_ID = 0x1234_5678_9ABC_DEF0L;
    private static final int START = SegmentDescriptor.HEADER_BYTES;

    private final MemoryDirectory directory = new MemoryDirectory();

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static SegmentBuilder newBuilder() {
        return new SegmentBuilder(SegmentBuilder.header(LOG_ID, 3, 100));
    }

    private BatchReader open(SegmentBuilder builder, byte[] bytes, int bufferBytes) {
        String name = SegmentDescriptor.fileName(builder.header().number());
        directory.put(name, bytes);
        BatchReader reader = new BatchReader(bufferBytes);
        reader.open(directory.openForReading(name), builder.header());
        return reader;
    }

    private static List<String> entries(BatchReader reader) {
        List<String> entries = new ArrayList<>();
        while (reader.nextEntry()) {
            byte[] payload = new byte[reader.entryLength()];
            reader.buffer().getBytes(reader.entryOffset(), payload);
            String content = new String(payload, StandardCharsets.US_ASCII);
            entries.add(reader.entryIndex() + (reader.entryAborted() ? " aborted" : "=" + content));
        }
        return entries;
    }

    @Test
    void readShouldExposeHeaderAndEntries() {
        SegmentBuilder builder =
                newBuilder()
                        .batch(7, 99, text("a"), null, text(""))
                        .batch(8, 100, text("bcdefghi"));
        BatchReader reader = open(builder, builder.bytes(), 4096);

        assertTrue(reader.read(START));
        assertEquals(List.of("100=a", "101 aborted", "102="), entries(reader));
        reader.rewind();
        assertEquals("100=a", entries(reader).getFirst());
        assertEquals(100, reader.baseIndex());
        assertEquals(103, reader.nextIndex());
        assertEquals(7, reader.timestampNs());
        assertEquals(99, reader.durableIndex());
        assertTrue(reader.read(reader.endPosition()));
        assertEquals(List.of("103=bcdefghi"), entries(reader));
        assertEquals(builder.position(), reader.endPosition());
        assertFalse(reader.read(reader.endPosition()));
        assertFalse(reader.nextEntry());
    }

    @Test
    void readShouldWalkBatchesOfAnySizeThroughASmallBuffer() {
        Random random = new Random(42);
        SegmentBuilder builder =
                new SegmentBuilder(SegmentBuilder.header(LOG_ID, 1, 0, 1 << 20, 512, 0));
        List<byte[]> written = new ArrayList<>();
        while (builder.position() < 700_000) {
            byte[][] batch = new byte[random.nextInt(20)][];
            for (int i = 0; i < batch.length; i++) {
                batch[i] = new byte[random.nextInt(random.nextInt(10) == 0 ? 9_000 : 100)];
                random.nextBytes(batch[i]);
                written.add(batch[i]);
            }
            builder.batch(1, builder.nextIndex() - 1, batch);
        }
        BatchReader reader = open(builder, builder.bytes(), 4096);

        int index = 0;
        long position = START;
        while (reader.read(position)) {
            while (reader.nextEntry()) {
                byte[] payload = new byte[reader.entryLength()];
                reader.buffer().getBytes(reader.entryOffset(), payload);
                assertArrayEquals(written.get(index++), payload);
            }
            position = reader.endPosition();
        }

        assertEquals(written.size(), index);
        assertEquals(builder.position(), position);
    }

    @Test
    void readShouldRefuseEveryFlippedByte() {
        SegmentBuilder builder = newBuilder().batch(7, 99, text("hello"), text("world, hello"));
        byte[] bytes = builder.bytes();
        for (int at = START; at < builder.position(); at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 0x10;

            assertFalse(open(builder, damaged, 4096).read(START), "flipped at " + at);
        }
    }

    @Test
    void readShouldRefuseEveryCut() {
        SegmentBuilder builder = newBuilder().batch(7, 99, text("hello"), text("world, hello"));
        for (int size = 0; size < builder.position(); size++) {
            byte[] cut = Arrays.copyOf(builder.bytes(), size);

            assertFalse(open(builder, cut, 4096).read(START), "cut at " + size);
        }
    }

    @Test
    void readShouldRefuseEntriesThatDoNotTileTheBatch() {
        int[] lengths = {
            -1, 4, 5, 13, 21, 0x7FFF_FFFF, 0x7FFF_FFF8, 0x8000_0001, 0xFFFF_FFFC, 0xFFFF_FFFF
        };
        for (int length : lengths) {
            SegmentBuilder builder = newBuilder().batch(7, 99, text("hello"), text("w"));
            int entry = START + BatchDescriptor.HEADER_BYTES;
            builder.buffer().putInt(entry, length, ByteOrder.LITTLE_ENDIAN);
            builder.seal(START, builder.position() - START);

            boolean fits = length == 5;
            boolean sameExtent = length >= 5 && length <= 12;
            assertEquals(
                    fits || sameExtent,
                    open(builder, builder.bytes(), 4096).read(START),
                    "length " + length);
        }
    }

    @Test
    void readShouldRefuseLengthsAtTheEdges() {
        int[] values = {Integer.MIN_VALUE, -8, -1, 0, 8, 40, 56, 1 << 26, 0x7FFF_FFF8, -16};
        for (int offset : new int[] {8, 12, 44}) {
            for (int value : values) {
                SegmentBuilder builder = newBuilder().batch(7, 99, text("hello"), text("w"));
                if (builder.buffer().getInt(START + offset, ByteOrder.LITTLE_ENDIAN) == value) {
                    continue;
                }
                builder.buffer().putInt(START + offset, value, ByteOrder.LITTLE_ENDIAN);
                builder.seal(START, builder.position() - START);

                assertFalse(open(builder, builder.bytes(), 4096).read(START), offset + "=" + value);
            }
        }
    }

    @Test
    void readShouldRefuseABatchOfAnotherSegmentLogOrPlace() {
        SegmentBuilder builder = newBuilder().batch(7, 99, text("a")).batch(8, 100, text("b"));
        byte[] moved = builder.bytes();
        int second = START + (builder.position() - START) / 2;
        System.arraycopy(moved, START, moved, second, second - START);
        SegmentBuilder otherSegment = new SegmentBuilder(SegmentBuilder.header(LOG_ID, 4, 100));
        SegmentBuilder otherLog = new SegmentBuilder(SegmentBuilder.header(LOG_ID + 1, 3, 100));

        assertFalse(open(builder, moved, 4096).read(second));
        assertFalse(open(otherSegment, builder.bytes(), 4096).read(START));
        assertFalse(open(otherLog, builder.bytes(), 4096).read(START));
    }

    /** Found by a soak: a reader in another process took the new batch for lost. */
    @Test
    void readShouldSeeALongBatchInPlaceOfAShortStaleOne() {
        SegmentBuilder stale =
                new SegmentBuilder(SegmentBuilder.header(LOG_ID, 2, 0)).batch(1, -1, text("old"));
        SegmentBuilder builder = newBuilder().batch(7, 99, new byte[100][200]);
        byte[] bytes = stale.bytes();
        System.arraycopy(builder.bytes(), 0, bytes, 0, START);
        String name = SegmentDescriptor.fileName(1);
        directory.put(name, bytes);
        BatchReader reader = new BatchReader(64 * 1024);
        reader.open(directory.openForReading(name), builder.header());
        assertFalse(reader.read(START));

        directory.overwrite(name, builder.bytes());

        assertTrue(reader.read(START));
        assertEquals(100, reader.entryCount());
    }

    @Test
    void readShouldSeeWhatWasWrittenBehindItsReadAhead() {
        SegmentBuilder builder = newBuilder().batch(7, 99, text("a"));
        String name = SegmentDescriptor.fileName(3);
        directory.put(name, builder.bytes());
        StoreFile file = directory.openForWriting(name);
        BatchReader reader = new BatchReader(BatchReader.BUFFER_BYTES);
        reader.open(file, builder.header());
        assertTrue(reader.read(START));
        long end = reader.endPosition();
        assertFalse(reader.read(end));

        builder.batch(8, 100, text("b"), text("c"));
        file.write(java.nio.ByteBuffer.wrap(builder.bytes()), 0);

        assertTrue(reader.read(end));
        assertEquals(List.of("101=b", "102=c"), entries(reader));
    }

    @Test
    void readShouldNotAllocateForABatchTheFileDoesNotHold() {
        long segmentBytes = 128L * 1024 * 1024;
        SegmentDescriptor.Header header = SegmentBuilder.header(LOG_ID, 1, 0, segmentBytes, 8, 0);
        byte[] bytes = new byte[8192];
        org.agrona.concurrent.UnsafeBuffer forged = new org.agrona.concurrent.UnsafeBuffer(bytes);
        int length = SegmentDescriptor.BATCH_BYTES_MAX;
        BatchDescriptor.encodeHeader(forged, START, length, length, 1, 0, 1, -1, 0);
        directory.put("forged", bytes);
        BatchReader reader = new BatchReader(4096);
        reader.open(directory.openForReading("forged"), header);

        assertFalse(reader.read(START));
        assertEquals(4096, reader.buffer().capacity());
    }

    @Test
    void searchShouldFindTheNextBatchThatIsWhole() {
        SegmentBuilder builder = newBuilder().batch(7, 99, text("a"));
        int damaged = builder.position();
        builder.batch(8, 100, text("b"));
        int whole = builder.position();
        builder.batch(9, 101, text("c"));
        byte[] bytes = builder.bytes();
        bytes[damaged + 20] ^= 1;
        BatchReader reader = open(builder, bytes, 4096);

        SearchBudget budget = new SearchBudget(0);
        assertEquals(whole, reader.search(damaged + 8L, 101, budget));
        assertEquals(102, reader.baseIndex());
        assertEquals(-1, reader.search(damaged + 8L, 103, budget));
        assertEquals(START, reader.search(START, 0, budget));
    }

    @Test
    void searchShouldGiveUpOnEndlessForgeries() {
        SegmentBuilder builder =
                new SegmentBuilder(SegmentBuilder.header(LOG_ID, 1, 0, 8 << 20, 8, 0));
        int room = (int) builder.header().indexPosition();
        for (int at = START; at < room - 64; at += 48) {
            int length = (room - at) & -8;
            BatchDescriptor.encodeHeader(builder.buffer(), at, length, length, 1, 5, 1, -1, 0);
        }
        BatchReader reader = open(builder, builder.bytes(), 4096);

        SearchBudget budget = new SearchBudget(8 << 20);
        AppendException thrown =
                assertThrows(AppendException.class, () -> reader.search(START, 0, budget));

        assertEquals(AppendException.Code.CORRUPT, thrown.code());
    }
}
