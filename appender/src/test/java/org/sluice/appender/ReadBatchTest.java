package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.fallback.ChannelStorage;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Storage;
import org.sluice.store.StoreDirectory;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;

/** Many entries at once: the same entries, whether the disk was asked for them together or not. */
class ReadBatchTest extends LogFixture {
    private static final int COUNT = 40_000;
    private static final int PICKS = 1_000;

    /** Enough for more segments than stay open. */
    private static final int MANY = 130_000;

    private static final long FIRST_BATCH = SegmentDescriptor.HEADER_BYTES;

    @Test
    void readBatchShouldFindEveryEntryInEverySegment() {
        long seed = System.nanoTime();
        long[] picked = new Random(seed).longs(PICKS, 0, COUNT).toArray();
        fill(COUNT);

        List<Long> found = new ArrayList<>();
        try (LogReader reader = LogReader.open(directory())) {
            reader.readBatch(
                    picked,
                    (buffer, offset, length, index, timestampNs) -> {
                        assertEquals(lengthOf(index), length, "seed " + seed);
                        assertEquals(index, buffer.getLong(offset), "seed " + seed);
                        found.add(index);
                    });
        }

        List<Long> expected = new ArrayList<>(Arrays.stream(picked).sorted().boxed().toList());
        assertEquals(expected, found, "seed " + seed);
    }

    @Test
    void readBatchShouldReadMoreSegmentsThanItKeepsOpen() {
        fill(MANY);
        long[] bases = bases();
        assertTrue(bases.length > KnownSegments.OPEN_MAX, "only " + bases.length);
        List<Long> expected = Arrays.stream(bases).boxed().toList();
        int[] reads = new int[1];
        StoreDirectory counting =
                WatchedDirectory.of(
                        new FileSystemDirectory(directory()),
                        name -> {},
                        position -> reads[0] += position == FIRST_BATCH ? 1 : 0);

        try (LogReader reader = LogReader.elsewhere(counting, SystemNanoClock.INSTANCE)) {
            for (int round = 0; round < 2; round++) {
                reads[0] = 0;
                assertEquals(expected, indexesRead(reader, bases));
            }
        }

        if (backend == Backend.URING) {
            assertEquals(0, reads[0], "what was read ahead was read again");
        }
    }

    /** Nothing depends on what reads ahead, whenever it fails and whatever it has in flight. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void engineThatBreaksShouldNotEndTheReader(int roundsBefore) {
        fill(MANY);
        long[] bases = bases();
        List<Long> expected = Arrays.stream(bases).boxed().toList();
        ChannelStorage storage =
                new ChannelStorage(new FileSystemDirectory(directory()), false, null);
        int[] rounds = {0};

        try (LogReader reader = LogReader.open(directory())) {
            reader.readAheadBy(new ReadAhead(breaking(storage, () -> rounds[0]++ < roundsBefore)));
            for (int i = 0; i < 3; i++) {
                assertEquals(expected, indexesRead(reader, bases));
            }
            for (long index : bases) {
                reader.read(index, (buffer, offset, length, read, ns) -> assertEquals(index, read));
            }
        }
        assertTrue(rounds[0] > roundsBefore, "it never broke");
    }

    /** Storage whose engines wait only for as long as {@code isIntact} says so. */
    private static Storage breaking(Storage target, BooleanSupplier isIntact) {
        return proxy(
                Storage.class,
                (self, method, arguments) -> {
                    Object result = method.invoke(target, arguments);
                    return result instanceof AsyncIo io ? breaking(io, isIntact) : result;
                });
    }

    private static AsyncIo breaking(AsyncIo target, BooleanSupplier isIntact) {
        return proxy(
                AsyncIo.class,
                (self, method, arguments) -> {
                    if (method.getName().equals("await") && !isIntact.getAsBoolean()) {
                        throw new AppendException(AppendException.Code.IO, "the ring broke");
                    }
                    return method.invoke(target, arguments);
                });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void readerMayGoFromThreadToThread() throws Exception {
        fill(MANY);
        long[] bases = bases();
        List<Long> expected = Arrays.stream(bases).boxed().toList();

        LogReader reader = LogReader.open(directory());
        assertEquals(expected, indexesRead(reader, bases));
        FutureTask<List<Long>> there =
                new FutureTask<>(
                        () -> {
                            List<Long> found = indexesRead(reader, bases);
                            reader.read(bases[0], (buffer, offset, length, index, ns) -> {});
                            reader.close();
                            return found;
                        });
        Thread.ofPlatform().start(there);

        assertEquals(expected, there.get());
    }

    @Test
    void segmentThatCannotBeOpenedShouldNotKeepBackWhatComesBefore() {
        fill(COUNT);
        long[] bases = bases();
        String[] refused = {null};
        StoreDirectory refusing =
                WatchedDirectory.of(
                        new FileSystemDirectory(directory()),
                        name -> {
                            if (name.equals(refused[0])) {
                                throw new AppendException(AppendException.Code.IO, "not now");
                            }
                        },
                        position -> {});

        try (LogReader reader = LogReader.elsewhere(refusing, SystemNanoClock.INSTANCE)) {
            refused[0] = SegmentDescriptor.fileName(3);
            List<Long> found = new ArrayList<>();
            AppendException thrown =
                    assertThrows(
                            AppendException.class,
                            () ->
                                    reader.readBatch(
                                            bases,
                                            (buffer, offset, length, index, timestampNs) ->
                                                    found.add(index)));
            assertEquals("not now", thrown.getMessage());
            assertEquals(List.of(bases[0], bases[1]), found);

            refused[0] = null;
            assertEquals(Arrays.stream(bases).boxed().toList(), indexesRead(reader, bases));
        }
    }

    private static List<Long> indexesRead(LogReader reader, long[] indexes) {
        List<Long> found = new ArrayList<>();
        reader.readBatch(
                indexes,
                (buffer, offset, length, index, timestampNs) -> found.add(buffer.getLong(offset)));
        return found;
    }

    /** The first index of each segment. */
    private long[] bases() {
        return new LogView(new FileSystemDirectory(directory()))
                .listing().segments().stream()
                        .filter(ListedSegment::isActive)
                        .mapToLong(segment -> segment.header().baseIndex())
                        .toArray();
    }

    @Test
    void readBatchShouldSeeWhatIsWrittenBetweenTwoCalls() {
        try (AppendLog log = open();
                LogReader reader = log.openReader()) {
            for (int round = 0; round < 50; round++) {
                long first = log.append(entry(2L * round));
                long second = log.append(entry(2L * round + 1));
                log.awaitWritten(second);
                List<Long> found = new ArrayList<>();

                reader.readBatch(
                        new long[] {second, first, 0},
                        (buffer, offset, length, index, timestampNs) ->
                                found.add(buffer.getLong(offset)));

                assertEquals(round == 0 ? List.of(0L, 0L, 1L) : List.of(0L, first, second), found);
            }
        }
    }

    @Test
    void readBatchShouldHandOverWhatComesBeforeAMissingEntry() {
        fill(100);
        List<Long> found = new ArrayList<>();

        try (LogReader reader = LogReader.open(directory())) {
            AppendException thrown =
                    assertThrows(
                            AppendException.class,
                            () ->
                                    reader.readBatch(
                                            new long[] {500, 99, 3},
                                            (buffer, offset, length, index, timestampNs) ->
                                                    found.add(index)));
            assertEquals(AppendException.Code.INDEX_NOT_WRITTEN, thrown.code());
        }

        assertEquals(List.of(3L, 99L), found);
    }

    @Test
    void handlerMayCloseTheReader() {
        fill(100);
        List<Long> found = new ArrayList<>();

        LogReader reader = LogReader.open(directory());
        reader.readBatch(
                new long[] {3, 50, 99},
                (buffer, offset, length, index, timestampNs) -> {
                    found.add(index);
                    reader.close();
                });

        assertEquals(List.of(3L), found);
    }

    @Test
    void readAheadShouldRunWhereIoUringDoes() {
        fill(2_000);

        if (backend == Backend.URING) {
            try (ReadAhead ahead = ReadAhead.openOrNull(directory());
                    AheadFile first = file("0000000000000001.seg");
                    AheadFile gone = new AheadFile("none.seg", first)) {
                assertNotNull(ahead);
                ahead.begin();
                ahead.request(first, 4096, 3 * ReadAhead.PLACE_BYTES);
                ahead.request(gone, 4096, 48);
                ahead.complete();
                ByteBuffer bytes = ByteBuffer.allocate(2 * ReadAhead.PLACE_BYTES);
                assertEquals(bytes.capacity(), ahead.copy(first, 4096, bytes));
                assertEquals('S', bytes.get(0));
                ByteBuffer read = ByteBuffer.allocate(bytes.capacity());
                assertEquals(read.capacity(), first.read(read, 4096));
                assertEquals(read.flip(), bytes.flip());
                assertEquals(0, ahead.copy(gone, 4096, bytes.clear()));
            }
        }
    }

    private AheadFile file(String name) {
        return new AheadFile(name, new FileSystemDirectory(directory()).openForReading(name));
    }

    private void fill(int count) {
        try (AppendLog log = open()) {
            for (int i = 0; i < count; i++) {
                log.append(entry(i));
            }
        }
    }

    private static byte[] entry(long index) {
        return ByteBuffer.allocate(lengthOf(index))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, index)
                .array();
    }

    private static int lengthOf(long index) {
        return 8 + (int) (index * 31 % 300);
    }
}
