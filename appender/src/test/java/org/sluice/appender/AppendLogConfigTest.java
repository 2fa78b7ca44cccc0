package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.store.SegmentDescriptor;

import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** What a configuration can't be, and what it says then: the name, the value, the limit. */
final class AppendLogConfigTest {
    /** A value with a first and a last that is allowed; the rest of the builder fits both. */
    record Bounds(String name, long min, long max, LongFunction<AppendLogConfig.Builder> with) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Bounds> bounds() {
        return List.of(
                new Bounds(
                        "slotCount",
                        2,
                        1 << 24,
                        value -> builder().slotBytes(8).slotCount((int) value)),
                new Bounds(
                        "slotBytes",
                        8,
                        1 << 20,
                        value -> builder().slotCount(2).slotBytes((int) value)),
                new Bounds(
                        "overflowCount", 0, 1 << 16, value -> builder().overflowCount((int) value)),
                new Bounds(
                        "maxEntryBytes",
                        1,
                        ConfigLimits.entryBytesMax(SegmentDescriptor.BATCH_BYTES_MAX),
                        value -> builder().blockCount(2).maxEntryBytes((int) value)),
                new Bounds(
                        "blockBytes",
                        8 * 1024,
                        SegmentDescriptor.BATCH_BYTES_MAX,
                        value -> builder().blockCount(2).maxEntryBytes(1).blockBytes((int) value)),
                new Bounds("blockCount", 2, 1024, value -> builder().blockCount((int) value)),
                new Bounds("segmentsAhead", 1, 1024, value -> builder().segmentsAhead((int) value)),
                new Bounds(
                        "segmentBytes",
                        SegmentDescriptor.SEGMENT_BYTES_MIN,
                        SegmentDescriptor.SEGMENT_BYTES_MAX,
                        value ->
                                builder()
                                        .maxEntryBytes(1)
                                        .blockBytes(8 * 1024)
                                        .segmentBytes(value)),
                new Bounds(
                        "retentionBytes",
                        0,
                        Long.MAX_VALUE,
                        value -> builder().retentionBytes(value)));
    }

    private static AppendLogConfig.Builder builder() {
        return AppendLogConfig.builder();
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void lastAllowedValueShouldPassAndTheNextShouldBeNamed(Bounds bounds) {
        bounds.with.apply(bounds.min).build();
        assertRefused(bounds, bounds.min - 1);
        if (bounds.max < Long.MAX_VALUE) {
            bounds.with.apply(bounds.max).build();
            assertRefused(bounds, bounds.max + 1);
        }
    }

    private static void assertRefused(Bounds bounds, long value) {
        String message = messageOf(() -> bounds.with.apply(value).build());

        String wanted =
                "%s must be from %d to %d: %d"
                        .formatted(bounds.name, bounds.min, bounds.max, value);
        assertEquals(wanted, message);
    }

    static Stream<Arguments> misfits() {
        long noRoom = SegmentDescriptor.SEGMENT_BYTES_MIN;
        return Stream.of(
                Arguments.of(builder().slotCount(3), words("slotCount", "power of two", 3)),
                Arguments.of(
                        builder().slotCount(1 << 21).slotBytes(1024),
                        words("slotCount", "slotBytes", "2 GiB", 1 << 21, 1024)),
                Arguments.of(
                        builder().slotCount(1 << 15).slotBytes(65_536 - 1),
                        words("slotCount", "slotBytes", "2 GiB", 1 << 15, 65_536 + 64)),
                Arguments.of(
                        builder().blockBytes(256 * 1024 + 512),
                        words("blockBytes", "multiple of 4,096", 256 * 1024 + 512)),
                Arguments.of(
                        builder().blockBytes(4 << 20).blockCount(512),
                        words("blockBytes", "blockCount", "2 GiB", 4 << 20, 512)),
                Arguments.of(
                        builder().blockBytes(8 * 1024).maxEntryBytes(8 * 1024),
                        words(
                                "maxEntryBytes",
                                "blockBytes",
                                8 * 1024,
                                ConfigLimits.entryBytesMax(8 * 1024))),
                Arguments.of(
                        builder().segmentBytes((1 << 20) + 512),
                        words("segmentBytes", "multiple of 4,096", (1 << 20) + 512)),
                Arguments.of(
                        builder().blockBytes(1 << 20).segmentBytes(noRoom),
                        words("segmentBytes", "a block of", 1 << 20, noRoom)),
                Arguments.of(
                        builder().retentionAge(Duration.ofSeconds(-5)),
                        words("retentionAge", "negative", "PT-5S")),
                Arguments.of(
                        builder().awaitYield(Duration.ofNanos(-1)),
                        words("awaitYield", "negative", "PT-0.000000001S")),
                Arguments.of(
                        builder().closeTimeout(Duration.ofSeconds(Long.MAX_VALUE)),
                        words("closeTimeout", "292 years")),
                Arguments.of(
                        builder().closeTimeout(Duration.ofMillis(-1)),
                        words("closeTimeout", "negative", "PT-0.001S")));
    }

    private static String[] words(Object... words) {
        return Arrays.stream(words).map(Object::toString).toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void valuesThatDoNotFitShouldBeNamed(AppendLogConfig.Builder builder, String[] words) {
        String message = messageOf(builder::build);

        for (String word : words) {
            assertTrue(message.contains(word), message + " does not name " + word);
        }
    }

    static Stream<Arguments> nulls() {
        return Stream.of(
                Arguments.of("backend", builder().backend(null)),
                Arguments.of("direct", builder().direct(null)),
                Arguments.of("preallocate", builder().preallocate(null)),
                Arguments.of("syncPolicy", builder().syncPolicy(null)),
                Arguments.of("backPressure", builder().backPressure(null)),
                Arguments.of("diskFull", builder().diskFull(null)),
                Arguments.of("producers", builder().producers(null)),
                Arguments.of("idleStrategy", builder().idleStrategy(null)),
                Arguments.of("onWriterStart", builder().onWriterStart(null)),
                Arguments.of("awaitYield", builder().awaitYield(null)),
                Arguments.of("retentionAge", builder().retentionAge(null)),
                Arguments.of("filePermissions", builder().filePermissions(null)),
                Arguments.of("epochClock", builder().epochClock(null)),
                Arguments.of("nanoClock", builder().nanoClock(null)),
                Arguments.of("closeTimeout", builder().closeTimeout(null)));
    }

    @ParameterizedTest
    @MethodSource("nulls")
    void nullShouldBeNamed(String name, AppendLogConfig.Builder builder) {
        NullPointerException thrown = assertThrows(NullPointerException.class, builder::build);

        assertEquals(name, thrown.getMessage());
    }

    /** What is given later must not reach into a configuration that is in use. */
    @Test
    void configurationShouldNotFollowTheSetItWasGiven() {
        Set<PosixFilePermission> permissions =
                new HashSet<>(Set.of(PosixFilePermission.OWNER_READ));
        AppendLogConfig config = builder().filePermissions(permissions).build();

        permissions.add(PosixFilePermission.OTHERS_WRITE);

        assertEquals(1, config.filePermissions().size());
    }

    /** The default block grows with the longest entry, up to the longest there can be. */
    @Test
    void defaultBlockShouldHoldTheLongestEntry() {
        int longest = ConfigLimits.entryBytesMax(SegmentDescriptor.BATCH_BYTES_MAX);
        for (int bytes : new int[] {1, 255 * 1024, 256 * 1024, 1_000_000, longest}) {
            AppendLogConfig config = builder().blockCount(2).maxEntryBytes(bytes).build();

            assertTrue(
                    ConfigLimits.entryBytesMax(config.blockBytes()) >= bytes,
                    () -> config.blockBytes() + " for " + bytes);
        }
    }

    /** Long entries must not take the memory that was meant for many short ones. */
    @Test
    void defaultOverflowShouldStayWithin32MiBOrTwoEntries() {
        assertEquals(256, builder().build().overflowCount());
        assertEquals(256, builder().maxEntryBytes(1).build().overflowCount());
        assertEquals(32, overflowCountFor(1 << 20));
        assertEquals(2, overflowCountFor(32 << 20));
        assertEquals(7, builder().overflowCount(7).build().overflowCount());
    }

    private static int overflowCountFor(int maxEntryBytes) {
        return builder().blockCount(2).maxEntryBytes(maxEntryBytes).build().overflowCount();
    }

    private static String messageOf(Executable executable) {
        return assertThrows(IllegalArgumentException.class, executable).getMessage();
    }
}
