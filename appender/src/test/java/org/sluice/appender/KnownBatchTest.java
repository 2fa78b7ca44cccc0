package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** An entry of a batch that was verified before is read alone, and verified no less. */
final class KnownBatchTest extends LogReaderFixture {
    private static final String NAME = SegmentDescriptor.fileName(1);
    private static final int BATCH_ENTRIES = 1_500;
    private static final int ENTRIES = 2 * BATCH_ENTRIES;

    private final long seed = System.nanoTime();
    private final byte[][] entries = new byte[ENTRIES][];
    private final MemoryDirectory directory = new MemoryDirectory();
    private final SegmentBuilder segment =
            new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0, 1 << 20, 8, 0));
    private final int secondBatch;

    KnownBatchTest() {
        Random random = new Random(seed);
        for (int i = 0; i < ENTRIES; i++) {
            entries[i] = random.nextInt(10) == 0 ? null : new byte[random.nextInt(200)];
        }
        entries[7] = new byte[3 * KnownBatch.PIECE_BYTES];
        entries[BATCH_ENTRIES - 1] = new byte[5 * KnownBatch.PIECE_BYTES];
        entries[BATCH_ENTRIES + 3] = new byte[30 * KnownBatch.PIECE_BYTES];
        for (byte[] entry : entries) {
            if (entry != null) {
                random.nextBytes(entry);
            }
        }
        segment.batch(1_000, -1, batch(0));
        secondBatch = segment.position();
        segment.batch(2_000, BATCH_ENTRIES - 1, batch(BATCH_ENTRIES)).closed(3_000);
        directory.put(NAME, segment.bytes());
    }

    private byte[][] batch(int from) {
        byte[][] batch = new byte[BATCH_ENTRIES][];
        System.arraycopy(entries, from, batch, 0, BATCH_ENTRIES);
        return batch;
    }

    private void assertReads(LogReader reader, int index) {
        String what = "entry " + index + ", seed " + seed;
        if (entries[index] == null) {
            thrown(Code.ENTRY_ABORTED, () -> reader.read(index, toLines));
            return;
        }
        int[] calls = new int[1];
        reader.read(
                index,
                (buffer, offset, length, found, timestampNs) -> {
                    assertArrayEquals(entries[index], bytes(buffer, offset, length), what);
                    assertEquals(index, found, what);
                    assertEquals(index < BATCH_ENTRIES ? 1_000 : 2_000, timestampNs, what);
                    calls[0]++;
                });
        assertEquals(1, calls[0], what);
    }

    private static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    /** Makes both batches known, and leaves the second one in memory. */
    private void learn(LogReader reader) {
        assertReads(reader, 7);
        assertReads(reader, BATCH_ENTRIES + 3);
    }

    private void flip(int position) {
        byte[] bytes = directory.bytes(NAME);
        bytes[position] ^= 1;
        directory.overwrite(NAME, bytes);
    }

    @Test
    void everyEntryShouldBeReadInAnyOrder() {
        Random random = new Random(seed);
        try (LogReader reader = open(directory)) {
            for (int i = 0; i < 10 * ENTRIES; i++) {
                assertReads(reader, random.nextInt(ENTRIES));
            }
            for (int i = 0; i < ENTRIES; i++) {
                assertReads(reader, i);
            }
        }
    }

    @Test
    void damageElsewhereInTheBatchShouldNotMatter() {
        try (LogReader reader = open(directory)) {
            learn(reader);
            flip(secondBatch - KnownBatch.PIECE_BYTES);

            assertReads(reader, 7);
        }
    }

    @Test
    void damageOfTheEntryShouldBeFound() {
        try (LogReader reader = open(directory)) {
            learn(reader);
            int inSeven = SegmentDescriptor.HEADER_BYTES + 2 * KnownBatch.PIECE_BYTES;
            flip(inSeven);

            AppendException thrown = thrown(Code.CORRUPT, () -> reader.read(7, toLines));
            assertEquals(0, thrown.index());
            assertTrue(lines.isEmpty(), () -> lines.toString());

            flip(inSeven);
            assertReads(reader, 7);
        }
    }

    @Test
    void damageOfAnEntrysLengthShouldBeFound() {
        try (LogReader reader = open(directory)) {
            learn(reader);
            // The upper byte of the first entry's length.
            flip(SegmentDescriptor.HEADER_BYTES + 48 + 3);

            thrown(Code.CORRUPT, () -> reader.read(7, toLines));
        }
    }

    @Test
    void cutFileShouldNotBeReadBeyondItsEnd() {
        try (LogReader reader = open(directory)) {
            learn(reader);
            directory.overwrite(NAME, new byte[SegmentDescriptor.HEADER_BYTES]);

            AppendException thrown =
                    assertThrows(AppendException.class, () -> reader.read(7, toLines));
            assertTrue(lines.isEmpty(), thrown::getMessage);
        }
    }

    @Test
    void whatIsKnownShouldBeBounded() {
        LogView view = new LogView(directory);
        KnownBatch first = known(SegmentDescriptor.HEADER_BYTES);
        KnownBatch second = known(secondBatch);
        try (KnownSegments segments = new KnownSegments(view, second.cost())) {
            KnownSegment known = segments.use(view.first());
            segments.remember(known, first);
            assertEquals(first, known.batches().find(0));

            segments.remember(known, second);
            assertNull(known.batches().find(0));
            assertEquals(second, known.batches().find(ENTRIES - 1));

            known.batches().remove(second);
            assertNull(known.batches().find(ENTRIES - 1));
            assertEquals(0, known.batches().cost());
        }
    }

    /** As the file may be changed by someone who knows what a checksum is. */
    @ParameterizedTest
    @ValueSource(ints = {0x7fff_ffff, 0x7fff_fff0, 0x8000_0001, 100_000, 5_000})
    void forgedLengthShouldBeRefused(int forgedLength) {
        SegmentBuilder forged =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0, 1 << 20, 8, 0));
        forged.batch(1_000, -1, new byte[45][100]);
        SegmentBuilder second = new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 2, 45));
        second.batch(2_000, 44, new byte[10]).closed(3_000);
        directory.put(SegmentDescriptor.fileName(2), second.bytes());
        for (int index = 0; index < 2; index++) {
            directory.put(NAME, forged.bytes());
            try (LogReader reader = open(directory)) {
                reader.read(index, toLines);
                reader.read(45, toLines);
                lines.clear();
                forgeFirstPiece(forgedLength);

                int wanted = index;
                thrown(Code.CORRUPT, () -> reader.read(wanted, toLines));
                assertTrue(lines.isEmpty(), () -> lines.toString());
            }
        }
    }

    /** Changes the first entry's length, and the piece so that it keeps its checksum. */
    private void forgeFirstPiece(int forgedLength) {
        byte[] bytes = directory.bytes(NAME);
        int start = SegmentDescriptor.HEADER_BYTES;
        byte[] piece = Arrays.copyOfRange(bytes, start, start + KnownBatch.PIECE_BYTES);
        int wanted = sum(piece);
        ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN).putInt(48, forgedLength);
        keepSum(piece, 2_000, wanted);
        System.arraycopy(piece, 0, bytes, start, piece.length);
        directory.overwrite(NAME, bytes);
    }

    /**
     * Sets the four bytes at {@code free} so that the sum is {@code wanted}. A CRC is linear: each
     * bit flipped changes it in its own way, and 32 bits in a row can make up any change.
     */
    private static void keepSum(byte[] piece, int free, int wanted) {
        int sum = sum(piece);
        // By lowest bit: in the lower half a change of the sum, in the upper the bits that make it.
        long[] changes = new long[Integer.SIZE];
        for (int i = 0; i < Integer.SIZE; i++) {
            flip(piece, free, i);
            long change = Integer.toUnsignedLong(sum(piece) ^ sum) | 1L << (Integer.SIZE + i);
            flip(piece, free, i);
            int lowest = Long.numberOfTrailingZeros(change);
            while (changes[lowest] != 0) {
                change ^= changes[lowest];
                lowest = Long.numberOfTrailingZeros(change);
            }
            changes[lowest] = change;
        }
        long needed = Integer.toUnsignedLong(wanted ^ sum);
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((needed >>> bit & 1) != 0) {
                needed ^= changes[bit];
            }
        }
        for (int i = 0; i < Integer.SIZE; i++) {
            if ((needed >>> (Integer.SIZE + i) & 1) != 0) {
                flip(piece, free, i);
            }
        }
        assertEquals(wanted, sum(piece));
    }

    private static void flip(byte[] piece, int at, int bit) {
        piece[at + bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    }

    private static int sum(byte[] piece) {
        CRC32C crc = new CRC32C();
        crc.update(piece);
        return (int) crc.getValue();
    }

    /** The file had to be opened again, after an interrupt, and retention had deleted it. */
    @Test
    void segmentThatVanishesWhileItIsOpenedShouldBeNoLonger() {
        SegmentBuilder first = new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0));
        first.batch(1_000, -1, new byte[10][10]);
        directory.put(NAME, first.bytes());
        SegmentBuilder second = new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 2, 10));
        second.batch(2_000, 9, new byte[10][10]).closed(3_000);
        directory.put(SegmentDescriptor.fileName(2), second.bytes());
        StoreDirectory vanishing =
                WatchedDirectory.of(
                        directory,
                        name -> {},
                        position -> {
                            if (position == first.header().indexPosition()) {
                                directory.remove(NAME);
                                throw new AppendException(Code.NOT_FOUND, "it is gone");
                            }
                        });

        try (LogReader reader = open(vanishing)) {
            thrown(Code.INDEX_TRUNCATED, () -> reader.read(5, toLines));
        }
    }

    /** The file can't be opened again, say: what was half read must not be taken for a batch. */
    @Test
    void readThatFailedShouldLeaveNothingBehind() {
        SegmentBuilder large =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0, 2 << 20, 8, 0));
        large.batch(1_000, -1, new byte[900][1_000]).batch(2_000, 899, new byte[100][10]);
        directory.put(NAME, large.closed(3_000).bytes());
        long[] failFrom = {Long.MAX_VALUE};
        StoreDirectory failing =
                WatchedDirectory.of(
                        directory,
                        name -> {},
                        position -> {
                            if (position >= failFrom[0]) {
                                failFrom[0] = Long.MAX_VALUE;
                                throw new AppendException(Code.IO, "too many open files");
                            }
                        });

        try (LogReader reader = open(failing)) {
            reader.read(950, toLines);
            lines.clear();
            flip(SegmentDescriptor.HEADER_BYTES + 48 + 4);
            failFrom[0] = SegmentDescriptor.HEADER_BYTES + BatchReader.BUFFER_BYTES / 2;
            thrown(Code.IO, () -> reader.read(0, toLines));

            thrown(Code.CORRUPT, () -> reader.read(0, toLines));
            assertTrue(lines.isEmpty(), () -> lines.toString());
        }
    }

    private KnownBatch known(long position) {
        BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
        batches.open(directory.openForReading(NAME), segment.header());
        assertTrue(batches.read(position));
        return new KnownBatchReader().learn(batches);
    }
}
