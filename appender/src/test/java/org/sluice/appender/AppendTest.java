package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BlockDevice;
import org.sluice.store.FileSystemDirectory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What goes in comes out: by every way in, from any number of threads, through small parts. */
final class AppendTest extends LogFixture {
    private static final int MAX_ENTRY_BYTES = 16 * 1024;
    private static final int BYTES_PER_RUN = 2 * 1024 * 1024;
    private static final int ENTRIES_PER_RUN_MAX = 6_400;

    static Stream<Arguments> producersAndLengths() {
        return IntStream.of(1, 4, 64)
                .boxed()
                .flatMap(
                        producers ->
                                IntStream.of(0, 1, 64, 256, 4_096, MAX_ENTRY_BYTES)
                                        .mapToObj(length -> Arguments.of(producers, length)));
    }

    @ParameterizedTest(name = "{0} producers, {1} bytes")
    @MethodSource("producersAndLengths")
    void appendShouldKeepIndexOrder(int producerCount, int length) throws Exception {
        Ledger ledger = new Ledger();
        int entryCount = Math.min(ENTRIES_PER_RUN_MAX, BYTES_PER_RUN / Math.max(1, length));

        try (AppendLog log = open()) {
            Threads.run(
                    producerCount,
                    producer -> append(log, ledger, producer, entryCount / producerCount, length));
            log.sync();
        }

        assertEquals(entryCount / producerCount * producerCount, ledger.size());
        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    /** As mapped memory does whose file was cut. */
    private static final class BreakingBuffer extends UnsafeBuffer {
        private int checks;

        BreakingBuffer(int length) {
            super(new byte[length]);
        }

        /** The first is the log's, the second that of the copy. */
        @Override
        public void boundsCheck(int index, int length) {
            if (++checks == 2) {
                throw new IllegalStateException("a test wants it so");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Producers.class)
    void sourceThatThrowsShouldHoldNobodyUp(Producers producers) {
        try (AppendLog log = open(config().producers(producers))) {
            for (int length : new int[] {20, 2_000}) {
                // More often than there are buffers for long entries.
                for (int i = 0; i < 6; i++) {
                    BreakingBuffer source = new BreakingBuffer(length);
                    assertThrows(IllegalStateException.class, () -> log.append(source, 0, length));
                }
                log.awaitDurable(log.append(new byte[length]));
            }
        }

        assertEquals(
                List.of(20, 2_000), readAll().stream().map(entry -> entry.bytes().length).toList());
    }

    /** As far as the device tells what it stores as one, as that of the test may not. */
    @Test
    void batchesShouldShareNoSectorOfTheDevice() {
        try (AppendLog log = open()) {
            log.awaitDurable(log.append(new byte[10]));
            log.awaitDurable(log.append(new byte[10]));
        }

        ListedSegment segment =
                LogListing.read(new FileSystemDirectory(directory())).segments().getFirst();
        int sectorBytes = BlockDevice.alignBytes(directory(), 1);
        assertEquals(0, segment.header().alignBytes() % sectorBytes);
    }

    @ParameterizedTest(name = "{0} bytes")
    @MethodSource("lengths")
    void singleProducerShouldKeepIndexOrder(int length) {
        Ledger ledger = new Ledger();
        int entryCount = Math.min(ENTRIES_PER_RUN_MAX, BYTES_PER_RUN / Math.max(1, length));

        try (AppendLog log = open(config().producers(Producers.SINGLE))) {
            append(log, ledger, 0, entryCount, length);
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    static IntStream lengths() {
        return IntStream.of(0, 1, 63, 64, 65, 256, 4_096, MAX_ENTRY_BYTES);
    }

    @Test
    void singleProducerShouldBeHandedFromThreadToThread() throws Exception {
        Ledger ledger = new Ledger();

        try (AppendLog log = open(config().producers(Producers.SINGLE))) {
            for (int i = 0; i < 4; i++) {
                int producer = i;
                Threads.run(1, number -> append(log, ledger, producer, 500, 40));
            }
        }

        ledger.assertHeldBy(readAll());
    }

    @Test
    void appendShouldWorkWithTwoSlots() throws Exception {
        Ledger ledger = new Ledger();

        try (AppendLog log = open(config().slotCount(2).overflowCount(1))) {
            Threads.run(4, producer -> appendMixed(log, ledger, producer, 500));
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @Test
    void appendShouldRollThroughSmallestSegments() throws Exception {
        Ledger ledger = new Ledger();

        try (AppendLog log = open(smallSegments())) {
            Threads.run(
                    4,
                    producer -> {
                        for (int i = 0; i < 400; i++) {
                            int length = (i * 37 + producer) % 4_001;
                            ledger.append(log, producer, i, length);
                        }
                    });
            log.sync();
            assertTrue(log.stats().rolls() >= 50, () -> log.stats().rolls() + " rolls");
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @Test
    void appendShouldWorkWithTwoSmallBlocks() throws Exception {
        Ledger ledger = new Ledger();
        AppendLogConfig.Builder tiny =
                config().blockBytes(8 * 1024).blockCount(2).maxEntryBytes(4_040);

        try (AppendLog log = open(tiny)) {
            Threads.run(4, producer -> append(log, ledger, producer, 1_000, 200));
            Threads.run(4, producer -> append(log, ledger, producer + 4, 100, 4_040));
        }

        ledger.assertHeldBy(readAll());
        ledger.assertProducersInOrder();
    }

    @Test
    void appendShouldTakeEveryKindOfSource() {
        byte[] bytes = Entry.payload(1, 2, 200);
        List<byte[]> expected = new ArrayList<>();

        try (AppendLog log = open(config().overflowCount(64))) {
            for (int length : new int[] {0, 1, 50, 100}) {
                int offset = 7;
                byte[] part = java.util.Arrays.copyOfRange(bytes, offset, offset + length);
                for (ByteBuffer source : byteBuffers(bytes, offset, length)) {
                    assertEquals(expected.size(), log.append(source));
                    assertFalse(source.hasRemaining());
                    expected.add(part);
                }
                for (ByteBuffer source : byteBuffers(bytes, offset, length)) {
                    assertEquals(expected.size(), log.tryAppend(source));
                    assertFalse(source.hasRemaining());
                    expected.add(part);
                }
                for (DirectBuffer source : directBuffers(bytes)) {
                    assertEquals(expected.size(), log.append(source, offset, length));
                    expected.add(part);
                    assertEquals(expected.size(), log.tryAppend(source, offset, length));
                    expected.add(part);
                }
                log.append(bytes, offset, length);
                log.append(part);
                log.tryAppend(bytes, offset, length);
                log.tryAppend(part);
                expected.addAll(List.of(part, part, part, part));
            }
        }

        List<Entry> entries = readAll();
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(new Entry(i, expected.get(i)), entries.get(i));
        }
        assertEquals(expected.size(), entries.size());
    }

    @Test
    void sourceShouldBeTheCallersAgainWhenAppendReturns() {
        byte[] bytes = new byte[100];

        try (AppendLog log = open()) {
            for (int i = 0; i < 100; i++) {
                bytes[0] = (byte) i;
                log.append(bytes);
            }
        }

        List<Entry> entries = readAll();
        for (int i = 0; i < 100; i++) {
            assertEquals((byte) i, entries.get(i).bytes()[0]);
        }
    }

    @Test
    void appendShouldRefuseBadArguments() {
        byte[] bytes = new byte[10];
        byte[] tooLong = new byte[MAX_ENTRY_BYTES + 1];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int[][] outside = {{-1, 1}, {0, -1}, {0, 11}, {10, 1}, {11, 0}, {5, Integer.MAX_VALUE}};
        Class<IndexOutOfBoundsException> outOfBounds = IndexOutOfBoundsException.class;

        try (AppendLog log = open()) {
            for (int[] range : outside) {
                int offset = range[0];
                int length = range[1];
                assertThrows(outOfBounds, () -> log.append(bytes, offset, length));
                assertThrows(outOfBounds, () -> log.append(buffer, offset, length));
                assertThrows(outOfBounds, () -> log.tryAppend(bytes, offset, length));
                assertThrows(outOfBounds, () -> log.tryAppend(buffer, offset, length));
            }
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.append(tooLong));
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.append(ByteBuffer.wrap(tooLong)));
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.tryAppend(tooLong));
            assertFails(Code.ENTRY_TOO_LARGE, () -> log.tryAppend(ByteBuffer.wrap(tooLong)));
            assertThrows(NullPointerException.class, () -> log.append((byte[]) null));
            assertThrows(NullPointerException.class, () -> log.append((ByteBuffer) null));
            assertThrows(NullPointerException.class, () -> log.append((DirectBuffer) null, 0, 0));
            assertEquals(0, log.nextIndex());
        }

        assertEquals(0, readAll().size());
    }

    private static List<ByteBuffer> byteBuffers(byte[] bytes, int offset, int length) {
        ByteBuffer heap = ByteBuffer.wrap(bytes, offset, length);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        return List.of(
                heap,
                heap.slice(),
                heap.asReadOnlyBuffer(),
                heap.slice().asReadOnlyBuffer(),
                ByteBuffer.wrap(bytes).slice(3, 150).slice(offset - 3, length),
                direct.duplicate().position(offset).limit(offset + length),
                direct.slice(offset, length),
                direct.slice(offset, length).asReadOnlyBuffer());
    }

    private static List<DirectBuffer> directBuffers(byte[] bytes) {
        ExpandableArrayBuffer expandable = new ExpandableArrayBuffer(bytes.length);
        expandable.putBytes(0, bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        return List.of(
                new UnsafeBuffer(bytes),
                new UnsafeBuffer(direct),
                new UnsafeBuffer(ByteBuffer.wrap(bytes).asReadOnlyBuffer()),
                expandable);
    }

    private static void append(
            AppendLog log, Ledger ledger, int producer, int entryCount, int length) {
        for (int i = 0; i < entryCount; i++) {
            ledger.append(log, producer, i, length);
        }
    }

    /** Entries around the size of a slot, so that some take an overflow buffer. */
    private static void appendMixed(AppendLog log, Ledger ledger, int producer, int entryCount) {
        for (int i = 0; i < entryCount; i++) {
            ledger.append(log, producer, i, i % 130);
        }
    }
}
