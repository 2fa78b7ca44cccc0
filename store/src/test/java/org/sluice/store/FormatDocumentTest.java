package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sluice.store.SegmentDescriptor.Header;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** The example in docs/format.md is what the code writes, byte for byte. */
class FormatDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "format.md");
    private static final int LINE_BYTES = 16;
    private static final int HALF_LINE_BYTES = 8;

    private static final long LOG_ID = 0x0123_4567_89AB_CDEFL;
    private static final long NUMBER = 7;
    private static final long TIME_NS = 1_767_225_600_000_000_000L;
    private static final int FIRST_BATCH = 4096;
    private static final int SECOND_BATCH = 4608;
    private static final int END_POSITION = 5120;
    private static final int INDEX_POSITION = 61440;

    private static final Header HEADER =
            new Header(
                    NUMBER,
                    SegmentDescriptor.ACTIVE,
                    1000,
                    TIME_NS,
                    65536,
                    4096,
                    512,
                    65536,
                    0,
                    LOG_ID);

    private byte[] file;

    @BeforeEach
    void write() {
        SegmentBuilder segment =
                new SegmentBuilder(HEADER)
                        .batch(
                                TIME_NS + 1,
                                999,
                                "hello".getBytes(StandardCharsets.US_ASCII),
                                new byte[0],
                                null)
                        .closed(TIME_NS + 2);
        assertEquals(END_POSITION, segment.position());
        SparseIndexBuilder points = new SparseIndexBuilder(HEADER.segmentBytes());
        points.add(1000, TIME_NS + 1, FIRST_BATCH);
        points.add(1003, TIME_NS + 2, SECOND_BATCH);
        file = segment.bytes();
        points.encode(HEADER, 1003, END_POSITION)
                .getBytes(0, file, INDEX_POSITION, HEADER.indexBytes());
    }

    @Test
    void headerShouldBeAsDocumented() throws IOException {
        assertDocumented("header", 0, SegmentDescriptor.HEADER_SECTOR_BYTES);
    }

    @Test
    void batchShouldBeAsDocumented() throws IOException {
        assertDocumented("batch", FIRST_BATCH, SECOND_BATCH);
    }

    @Test
    void closingBatchShouldBeAsDocumented() throws IOException {
        assertDocumented("closing batch", SECOND_BATCH, END_POSITION);
    }

    @Test
    void indexShouldBeAsDocumented() throws IOException {
        assertDocumented("index", INDEX_POSITION, file.length);
    }

    @Test
    void exampleShouldBeReadable() {
        MemoryDirectory directory = new MemoryDirectory();
        String name = SegmentDescriptor.fileName(NUMBER);
        directory.put(name, file);

        try (StoreFile segment = directory.openForReading(name)) {
            assertEquals(HEADER, SegmentFile.readHeader(directory, name, segment));
            assertEquals(1003, SparseIndex.read(segment, HEADER).nextIndex());
            BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
            batches.open(segment, HEADER);
            assertTrue(batches.read(FIRST_BATCH));
            assertEquals(3, batches.entryCount());
            assertTrue(batches.read(SECOND_BATCH));
            assertEquals(BatchDescriptor.FLAG_CLOSED, batches.flags());
        }
    }

    @Test
    void checksumsShouldCoverWhatIsDocumented() {
        CRC32C header = new CRC32C();
        header.update(file, 0, 508);
        assertEquals(intAt(508), (int) header.getValue());

        CRC32C batch = new CRC32C();
        batch.update(
                ByteBuffer.allocate(24)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(LOG_ID)
                        .putLong(NUMBER)
                        .putLong(FIRST_BATCH)
                        .flip());
        int length = intAt(FIRST_BATCH + 8);
        batch.update(file, FIRST_BATCH + 8, length - 8);
        assertEquals(intAt(FIRST_BATCH + 4), (int) batch.getValue());

        CRC32C index = new CRC32C();
        index.update(file, INDEX_POSITION + 12, 64 - 12 + 24);
        assertEquals(intAt(INDEX_POSITION + 8), (int) index.getValue());
    }

    private int intAt(int position) {
        return new UnsafeBuffer(file).getInt(position, ByteOrder.LITTLE_ENDIAN);
    }

    /** Compares with the code block that follows {@code <!-- hex: name -->} in the document. */
    private void assertDocumented(String name, int from, int to) throws IOException {
        String expected = dump(from, to);
        String document = Files.readString(DOCUMENT);
        String marker = "<!-- hex: " + name + " -->\n```\n";
        int start = document.indexOf(marker);
        assertTrue(start >= 0, "no block " + marker + "; it should be\n" + expected);
        int end = document.indexOf("```", start + marker.length());
        assertEquals(expected, document.substring(start + marker.length(), end));
    }

    /** As {@code hexdump -C} shows it: a star stands for lines like the one before. */
    private String dump(int from, int to) {
        StringBuilder text = new StringBuilder();
        byte[] previous = null;
        boolean isStarred = false;
        for (int at = from; at < to; at += LINE_BYTES) {
            byte[] line = Arrays.copyOfRange(file, at, at + LINE_BYTES);
            if (Arrays.equals(line, previous)) {
                text.append(isStarred ? "" : "*\n");
                isStarred = true;
                continue;
            }
            isStarred = false;
            previous = line;
            appendLine(text, at, line);
        }
        return text.append(String.format("%08x\n", to)).toString();
    }

    private static void appendLine(StringBuilder text, int at, byte[] line) {
        text.append(String.format("%08x", at));
        StringBuilder characters = new StringBuilder();
        for (int i = 0; i < LINE_BYTES; i++) {
            text.append(i % HALF_LINE_BYTES == 0 ? "  " : " ")
                    .append(String.format("%02x", line[i]));
            characters.append(line[i] >= ' ' && line[i] <= '~' ? (char) line[i] : '.');
        }
        text.append("  |").append(characters).append("|\n");
    }
}
