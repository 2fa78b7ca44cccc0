package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;

import java.util.Random;

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
        try (KnownSegments segments = new KnownSegments(view, second.pieces())) {
            KnownSegment known = segments.use(view.first());
            segments.remember(known, first);
            assertEquals(first, known.batches().find(0));

            segments.remember(known, second);
            assertNull(known.batches().find(0));
            assertEquals(second, known.batches().find(ENTRIES - 1));

            known.batches().remove(second);
            assertNull(known.batches().find(ENTRIES - 1));
            assertEquals(0, known.batches().pieces());
        }
    }

    private KnownBatch known(long position) {
        BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
        batches.open(directory.openForReading(NAME), segment.header());
        assertTrue(batches.read(position));
        return new KnownBatchReader().learn(batches);
    }
}
