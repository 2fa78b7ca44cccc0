package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.EdgeNumbers;
import org.sluice.store.HeaderFields;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Signatures;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Files that no crash leaves: whatever they hold, with checksums made right, each way into a log
 * answers with a result or an {@link AppendException}, in bounded time and memory, and never hands
 * out an entry that was not appended unless its batch was forged whole.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HostileFilesTest {
    private static final int ROUNDS = 800;
    private static final int ROUNDS_LONG = 5_000;

    private long nowNs;

    /** Goes every way into the log there is. */
    private void useAll(MemoryDirectory directory, Random random, String what) {
        MemoryDirectory readOnly = directory.copy().readOnly();
        attempt(() -> LogVerifier.verify(readOnly, VerifyProgress.NONE), what);
        attempt(() -> LogInfo.of(readOnly), what);
        attempt(() -> read(readOnly, random), what);
        attempt(
                () -> {
                    MemoryDirectory opened = directory.copy();
                    RecoveredLog log = Recovery.recover(opened);
                    Recovery.recover(opened);
                    if (log.nextIndex() > log.firstIndex()) {
                        long index = random.nextLong(log.firstIndex(), log.nextIndex());
                        Truncation.truncateAfter(opened, log, index);
                    }
                },
                what);
        attempt(
                () -> {
                    MemoryDirectory repaired = directory.copy();
                    LogRepair.execute(repaired);
                    Recovery.recover(repaired);
                },
                what);
    }

    private static void attempt(Runnable use, String what) {
        try {
            use.run();
        } catch (AppendException e) {
            assertTrue(LogFuzz.ANSWERS.contains(e.code()), what + ": " + e);
        } catch (Throwable e) {
            fail(what, e);
        }
    }

    private void read(MemoryDirectory directory, Random random) {
        EntryHandler handler =
                (buffer, offset, length, index, timestampNs) -> {
                    assertTrue(length >= 0 && index >= 0);
                    buffer.boundsCheck(offset, length);
                };
        try (LogReader reader = LogReader.elsewhere(directory, () -> nowNs)) {
            for (int i = 0; i < 40; i++) {
                nowNs += 1_000_000_000;
                int way = random.nextInt(6);
                attempt(
                        () -> {
                            switch (way) {
                                case 0 -> reader.seek(random.nextInt(20));
                                case 1 -> reader.read(random.nextInt(20), handler);
                                case 2 -> reader.seekToTime(1_000 + random.nextInt(100));
                                case 3 -> reader.lastIndex();
                                default -> reader.poll(handler, 1 + random.nextInt(10));
                            }
                        },
                        "reading");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void forgedFilesShouldBeAnsweredNotSuffered(long seed) {
        forgeAndUse(seed, ROUNDS / 4);
    }

    @Tag("long")
    @Timeout(value = 1_200, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @ParameterizedTest
    @ValueSource(longs = {101, 102, 103, 104, 105, 106, 107, 108})
    void manyForgedFilesShouldBeAnsweredNotSuffered(long seed) {
        forgeAndUse(seed, ROUNDS_LONG);
    }

    private void forgeAndUse(long seed, int rounds) {
        for (int round = 0; round < rounds; round++) {
            Random random = new Random(seed * 1_000_003 + round);
            TestLog test = TestLog.threeSegments(random.nextBoolean() ? 8 : 512);
            MemoryDirectory directory = test.directory();
            int forgeries = 1 + random.nextInt(3);
            for (int i = 0; i < forgeries; i++) {
                forge(test, directory, random);
            }
            useAll(directory, random, "seed " + seed + ", round " + round);
        }
        System.out.printf("HostileFilesTest: %,d forged logs, seed %d%n", rounds, seed);
    }

    private static void forge(TestLog test, MemoryDirectory directory, Random random) {
        String name = SegmentDescriptor.fileName(1 + random.nextInt(3));
        if (!directory.list().contains(name)) {
            return;
        }
        byte[] bytes = directory.bytes(name);
        switch (random.nextInt(8)) {
            case 0, 1 -> forgeHeader(bytes, random);
            case 2, 3 -> forgeBatch(test, name, bytes, random);
            case 4 -> forgeIndex(bytes, random);
            case 5 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 6 -> swap(directory, name, random);
            default -> directory.remove(name);
        }
        if (directory.list().contains(name)) {
            directory.put(name, bytes);
        }
    }

    private static void forgeHeader(byte[] bytes, Random random) {
        if (bytes.length < SegmentDescriptor.HEADER_SECTOR_BYTES) {
            return;
        }
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        if (random.nextBoolean()) {
            int offset = HeaderFields.anyLong(random);
            buffer.putLong(offset, value(random, buffer.getLong(offset)), ByteOrder.LITTLE_ENDIAN);
        } else {
            int offset = HeaderFields.anyInt(random);
            int value = (int) value(random, buffer.getInt(offset));
            buffer.putInt(offset, value, ByteOrder.LITTLE_ENDIAN);
        }
        Signatures.signHeader(buffer);
    }

    private static long value(Random random, long old) {
        return EdgeNumbers.near(old, random);
    }

    private static void forgeBatch(TestLog test, String name, byte[] bytes, Random random) {
        List<TestLog.Batch> batches =
                test.batches().stream()
                        .filter(
                                batch ->
                                        SegmentDescriptor.fileName(batch.segment()).equals(name)
                                                && batch.end() <= bytes.length)
                        .toList();
        if (batches.isEmpty()) {
            return;
        }
        TestLog.Batch batch = batches.get(random.nextInt(batches.size()));
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int offset = 8 + 4 * random.nextInt((batch.length() - 8) / 4);
        int place = batch.position() + offset;
        boolean isLong = random.nextBoolean() && offset + 8 <= batch.length();
        if (isLong) {
            buffer.putLong(place, value(random, buffer.getLong(place)), ByteOrder.LITTLE_ENDIAN);
        } else {
            int value = (int) value(random, buffer.getInt(place));
            buffer.putInt(place, value, ByteOrder.LITTLE_ENDIAN);
        }
        Signatures.signBatch(buffer, batch.position());
    }

    private static void forgeIndex(byte[] bytes, Random random) {
        int index = (int) SegmentDescriptor.SEGMENT_BYTES_MIN - 4096;
        if (bytes.length < index + 4096) {
            return;
        }
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        int place = index + 12 + 4 * random.nextInt((IndexDescriptor.HEADER_BYTES + 24 - 12) / 4);
        int value = (int) value(random, buffer.getInt(place));
        buffer.putInt(place, value, ByteOrder.LITTLE_ENDIAN);
        Signatures.signIndex(buffer, index);
    }

    private static void swap(MemoryDirectory directory, String name, Random random) {
        String other = SegmentDescriptor.fileName(1 + random.nextInt(5));
        if (directory.list().contains(other)) {
            byte[] bytes = directory.bytes(name);
            directory.put(name, directory.bytes(other));
            directory.put(other, bytes);
        } else {
            directory.put(other, directory.bytes(name));
        }
    }

    @Test
    void randomBytesShouldBeAnsweredNotSuffered() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            TestLog test = TestLog.threeSegments(8);
            MemoryDirectory directory = test.directory();
            String name = SegmentDescriptor.fileName(1 + random.nextInt(4));
            byte[] bytes = new byte[random.nextInt(100_000)];
            random.nextBytes(bytes);
            directory.put(name, bytes);

            useAll(directory, random, "seed " + seed);
        }
    }

    /** Flips leave the checksums wrong, so what is read is always what was appended. */
    @Test
    void flippedFilesShouldNeverYieldWhatWasNotAppended() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            TestLog test = TestLog.threeSegments(random.nextBoolean() ? 8 : 512);
            List<String> all = test.expected(test.nextIndex());
            MemoryDirectory directory = test.directory();
            int flips = 1 + random.nextInt(6);
            for (int i = 0; i < flips; i++) {
                String name = SegmentDescriptor.fileName(1 + random.nextInt(3));
                byte[] bytes = directory.bytes(name);
                bytes[random.nextInt(random.nextBoolean() ? bytes.length : 4_300)] ^=
                        (byte) (1 << random.nextInt(8));
                directory.put(name, bytes);
            }
            List<String> lines = new ArrayList<>();
            try (LogReader reader = LogReader.elsewhere(directory.readOnly(), () -> nowNs)) {
                for (long index = 0; index < test.nextIndex(); index++) {
                    long start = index;
                    attempt(
                            () -> {
                                reader.seek(start);
                                while (reader.poll(
                                                (buffer, offset, length, at, timestampNs) -> {
                                                    byte[] payload = new byte[length];
                                                    buffer.getBytes(offset, payload);
                                                    lines.add(ReadLog.line(at, payload));
                                                },
                                                100)
                                        > 0) {
                                    nowNs += 1_000_000_000;
                                }
                            },
                            "seed " + seed);
                }
            }
            lines.removeAll(all);
            assertEquals(List.of(), lines, "seed " + seed);
        }
    }
}
