package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.EntryClaim;
import org.sluice.appender.LogReader;
import org.sluice.store.AppendException;
import org.sluice.store.Backend;
import org.sluice.store.Preallocation;
import org.sluice.store.SegmentDescriptor;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Directories that no crash leaves, on a real filesystem: every command, a reader and an open
 * answer in bounded time and memory with a result or one sentence, whatever is there.
 *
 * <p>{@code -Dsluice.seed=N} begins with another input, {@code -Dsluice.inputs=N} says how many.
 */
@EnabledOnOs(OS.LINUX)
class HostileDirectoryTest {
    private static final int INPUTS = 300;
    private static final int INPUTS_LONG = 30_000;

    /** Opening and repairing sync files, which takes most of the time. */
    private static final int CHANGED_EVERY = 3;

    private static final Duration HANGS = Duration.ofSeconds(30);

    /** A batch may claim 64 MiB; whoever reads it has room for one or two. */
    private static final long HEAP_BYTES_MAX = 32L << 20;

    private static final long OFF_HEAP_BYTES_MAX = 256L << 20;

    private static final Set<Integer> CODES =
            Set.of(ExitCode.OK, ExitCode.FAULT, ExitCode.DAMAGED, ExitCode.NOT_THERE);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path temporary;

    private Path whole;
    private Path other;
    private Path forged;
    private Path pipe;
    private long heapBytesMax;
    private long offHeapBytesMax;
    private long elapsedNsMax;
    private final Map<String, Integer> answers = new TreeMap<>();

    @BeforeEach
    void prepare() throws IOException, InterruptedException {
        whole = temporary.resolve("whole");
        other = temporary.resolve("other");
        forged = temporary.resolve("forged");
        pipe = temporary.resolve("pipe");
        write(whole, 300);
        write(whole, 40);
        write(other, 200);
        assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0,
                "cannot make a pipe");
    }

    /** What JUnit would warn of when it removes it. */
    @AfterEach
    void clear() throws IOException {
        clear(forged);
    }

    private static AppendLogConfig config() {
        return AppendLogConfig.builder()
                .backend(Backend.CHANNEL)
                .preallocate(Preallocation.SPARSE)
                .slotCount(64)
                .slotBytes(64)
                .maxEntryBytes(2_000)
                .overflowCount(2)
                .blockBytes(8_192)
                .blockCount(2)
                .segmentBytes(SegmentDescriptor.SEGMENT_BYTES_MIN)
                .build();
    }

    /** Entries of many lengths, some aborted, in several batches and segments. */
    private static void write(Path directory, int count) {
        SplittableRandom random = new SplittableRandom(count);
        EntryClaim claim = new EntryClaim();
        UnsafeBuffer entry = new UnsafeBuffer(new byte[2_000]);
        try (AppendLog log = AppendLog.open(directory, config())) {
            for (int i = 0; i < count; i++) {
                if (i % 17 == 0) {
                    log.claim(random.nextInt(50), claim);
                    claim.abort();
                } else {
                    log.append(entry, 0, random.nextInt(i % 5 == 0 ? 2_000 : 60));
                }
                if (i % 9 == 0) {
                    log.sync();
                }
            }
        }
    }

    @Test
    void forgedDirectoriesShouldBeAnsweredNotSuffered() throws IOException {
        forgeAndUse(Integer.getInteger("sluice.inputs", INPUTS));
    }

    @Tag("long")
    @Test
    void manyForgedDirectoriesShouldBeAnsweredNotSuffered() throws IOException {
        forgeAndUse(Integer.getInteger("sluice.inputs", INPUTS_LONG));
    }

    /** What stands where a segment should, and hangs or leads elsewhere, is named, never opened. */
    @ParameterizedTest
    @EnumSource
    void somethingElseInPlaceOfASegmentShouldBeNamed(InPlace kind) throws IOException {
        restore();
        Path segment = forged.resolve(SegmentDescriptor.fileName(2));
        Files.delete(segment);
        switch (kind) {
            case LINK_TO_ENDLESS_ZEROS -> Files.createSymbolicLink(segment, Path.of("/dev/zero"));
            case LINK_TO_ITSELF -> Files.createSymbolicLink(segment, segment);
            case LINK_TO_ANOTHER_LOG ->
                    Files.createSymbolicLink(segment, other.resolve(SegmentDescriptor.fileName(2)));
            case LINK_TO_NOTHING -> Files.createSymbolicLink(segment, temporary.resolve("none"));
            case DIRECTORY -> Files.createDirectory(segment);
            case PIPE -> Files.createLink(segment, pipe);
        }
        for (String word : List.of("verify", "cat", "info", "repair")) {
            CommandRun run =
                    assertTimeoutPreemptively(HANGS, () -> CommandRun.of(word, forged), word);

            assertTrue(run.code() != ExitCode.OK, word);
            assertTrue((run.err() + run.text()).contains(segment.toString()), word + run.err());
        }
        AppendException refused =
                assertTimeoutPreemptively(
                        HANGS, () -> assertThrows(AppendException.class, this::open));
        assertEquals(AppendException.Code.NOT_A_LOG, refused.code());
    }

    enum InPlace {
        LINK_TO_ENDLESS_ZEROS,
        LINK_TO_ITSELF,
        LINK_TO_ANOTHER_LOG,
        LINK_TO_NOTHING,
        DIRECTORY,
        PIPE
    }

    private void forgeAndUse(int inputs) throws IOException {
        long first = Long.getLong("sluice.seed", System.nanoTime());
        for (int i = 0; i < inputs; i++) {
            long seed = first + i;
            restore();
            Forger forger = new Forger(new SplittableRandom(seed), forged, other, pipe);
            for (int left = 1 + new SplittableRandom(~seed).nextInt(3); left > 0; left--) {
                forger.forge();
            }
            String what =
                    String.format(
                            "%s%nreplay: mvn -B -pl cli -am verify -Dtest=HostileDirectoryTest"
                                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.seed=%d"
                                    + " -Dsluice.inputs=1",
                            forger, seed);
            boolean changes = i % CHANGED_EVERY == 0;
            assertTimeoutPreemptively(HANGS, () -> useAll(what, changes), what);
        }
        boolean isVaried = answers.keySet().containsAll(Set.of("exit 0", "exit 3", "exit 4"));
        assertTrue(isVaried || inputs < INPUTS, () -> "no variety: " + answers);
        System.out.printf(
                "HostileDirectoryTest: %,d forged directories from seed %d, %,d answers %s;"
                        + " longest %,d ms, most memory %,d KiB on the heap, %,d KiB off it%n",
                inputs,
                first,
                answers.values().stream().mapToInt(Integer::intValue).sum(),
                answers,
                TimeUnit.NANOSECONDS.toMillis(elapsedNsMax),
                heapBytesMax >> 10,
                offHeapBytesMax >> 10);
    }

    private void restore() throws IOException {
        if (Files.exists(forged, LinkOption.NOFOLLOW_LINKS)) {
            clear(forged);
        }
        Files.createDirectory(forged);
        for (Path file : list(whole)) {
            Files.copy(file, forged.resolve(file.getFileName()));
        }
    }

    private static void clear(Path directory) throws IOException {
        for (Path file : list(directory)) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                clear(file);
            } else {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    // ---- every way into a log ----

    /** Those that only read first, then those that change what is there. */
    private void useAll(String what, boolean changes) {
        measured(what, () -> command(what, "info", forged));
        measured(what, () -> command(what, "verify", forged));
        measured(what, () -> command(what, "cat", forged, "--with-index"));
        measured(what, () -> command(what, "cat", forged, "--from=150", "--json"));
        measured(what, () -> command(what, "repair", forged));
        measured(what, () -> answer(what, this::read));
        if (!changes) {
            return;
        }
        measured(what, () -> answer(what, this::open));
        measured(what, () -> repair(what));
        measured(what, () -> answer(what, this::open));
    }

    private void measured(String what, Runnable use) {
        long offHeap = offHeapBytes();
        long heap = threads.getCurrentThreadAllocatedBytes();
        long startNs = System.nanoTime();
        use.run();
        elapsedNsMax = Math.max(elapsedNsMax, System.nanoTime() - startNs);
        heap = threads.getCurrentThreadAllocatedBytes() - heap;
        offHeap = offHeapBytes() - offHeap;
        heapBytesMax = Math.max(heapBytesMax, heap);
        offHeapBytesMax = Math.max(offHeapBytesMax, offHeap);
        assertTrue(heap < HEAP_BYTES_MAX, heap + " bytes on the heap: " + what);
        assertTrue(offHeap < OFF_HEAP_BYTES_MAX, offHeap + " bytes off the heap: " + what);
    }

    private void count(String answer) {
        answers.merge(answer, 1, Integer::sum);
    }

    private static long offHeapBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** What was repaired is undamaged; a foreign file may still make it no log. */
    private void repair(String what) {
        if (command(what, "repair", forged, "--yes") == ExitCode.OK) {
            CommandRun verify = CommandRun.of("verify", forged);
            String told = verify.text() + verify.err() + what;
            assertTrue(verify.code() != ExitCode.DAMAGED, told);
        }
    }

    private int command(String what, Object... words) {
        CommandRun run = CommandRun.of(words);
        String told = words[0] + " left with " + run.code() + ", " + run.err() + ": " + what;
        count("exit " + run.code());
        assertTrue(CODES.contains(run.code()), told);
        assertFalse(run.err().contains("unexpected fault"), told);
        assertFalse(run.err().contains("\tat "), told);
        return run.code();
    }

    private void answer(String what, Runnable use) {
        try {
            use.run();
            count("done");
        } catch (AppendException expected) {
            count(expected.code().toString());
            assertTrue(
                    expected.code() != AppendException.Code.FAILED,
                    () -> what + System.lineSeparator() + expected);
        } catch (Throwable thrown) {
            throw new AssertionError(what, thrown);
        }
    }

    private void read() {
        try (LogReader reader = LogReader.open(forged)) {
            long last = reader.lastIndex();
            reader.seekToTime(0);
            reader.poll((buffer, offset, length, index, time) -> {}, 10);
            reader.seekToTime(Long.MAX_VALUE);
            for (long index : new long[] {last, last / 2, reader.firstIndex(), last + 1}) {
                answer(
                        "read " + index,
                        () -> {
                            if (index >= 0) {
                                reader.read(
                                        index,
                                        (buffer, offset, length, at, time) ->
                                                buffer.boundsCheck(offset, length));
                            }
                        });
            }
        }
    }

    /** Recovers it, and goes on if that went well. */
    private void open() {
        try (AppendLog log = AppendLog.open(forged, config())) {
            long index = log.append(new byte[100]);
            log.awaitDurable(index);
            try (LogReader reader = log.openReader()) {
                reader.read(
                        index,
                        (buffer, offset, length, at, time) -> assertTrue(length == 100, "length"));
            }
        }
    }
}
