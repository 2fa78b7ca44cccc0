package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;

import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Backend;
import org.sluice.store.Errno;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.Preallocation;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.SparseIndexBuilder;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A reader on real files. */
final class LogReaderFilesTest {
    private static final int ALLOCATION_POLLS = 2_000;

    @TempDir private Path directory;

    private final AtomicLong count = new AtomicLong();
    private final EntryHandler counting =
            (buffer, offset, length, index, timestampNs) -> count.incrementAndGet();

    private void write(TestLog test) throws IOException {
        for (String name : test.directory().list()) {
            Files.write(directory.resolve(name), test.directory().bytes(name));
        }
    }

    private static int readable(TestLog test) {
        return (int)
                test.expected(test.nextIndex()).stream()
                        .filter(line -> !line.endsWith("aborted"))
                        .count();
    }

    @Test
    void openShouldSayWhatIsNotALog() throws IOException {
        Path missing = directory.resolve("missing");
        Path file = Files.createFile(directory.resolve("file"));

        AppendException notFound =
                assertThrows(AppendException.class, () -> LogReader.open(missing));
        AppendException notALog = assertThrows(AppendException.class, () -> LogReader.open(file));

        assertEquals(Code.NOT_FOUND, notFound.code());
        assertEquals(Code.NOT_A_LOG, notALog.code());
    }

    @Test
    void readingShouldChangeNothingOnDisk() throws IOException {
        TestLog test = TestLog.threeSegments(4096);
        write(test);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        Map<Path, Object> before = state();
        try (LogReader reader = LogReader.open(directory)) {
            while (reader.poll(counting, 10) > 0) {
                // Until it returns nothing.
            }
            reader.read(0, counting);
            reader.seekToTime(0);
            reader.lastIndex();
        } finally {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }

        assertEquals(readable(test) + 1, count.get());
        assertEquals(before, state());
    }

    private Map<Path, Object> state() throws IOException {
        Map<Path, Object> state = new TreeMap<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                state.put(file, Files.getLastModifiedTime(file) + " " + Files.size(file));
            }
        }
        return state;
    }

    @Test
    void interruptedThreadShouldReadOn() throws IOException {
        TestLog test = TestLog.threeSegments(8);
        write(test);
        try (LogReader reader = LogReader.open(directory)) {
            Thread.currentThread().interrupt();
            while (reader.poll(counting, 1) > 0) {
                assertTrue(Thread.currentThread().isInterrupted());
            }
            reader.read(3, counting);
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(readable(test) + 1, count.get());
    }

    @Test
    void interruptOfAReaderWhoseFileIsGoneShouldNotSurface() throws IOException {
        TestLog test = TestLog.threeSegments(8);
        write(test);
        try (LogReader reader = LogReader.open(directory)) {
            reader.poll(counting, 1);
            Files.delete(directory.resolve(SegmentDescriptor.fileName(1)));
            Thread.currentThread().interrupt();
            int told = 0;
            while (reader.nextIndex() < test.nextIndex()) {
                try {
                    reader.poll(counting, 1);
                } catch (AppendException e) {
                    assertEquals(Code.INDEX_TRUNCATED, e.code());
                    told++;
                }
            }
            assertTrue(told <= 1);
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    /** An interrupt closes the file, which then has to be opened again. */
    @Test
    void seekIntoASegmentThatGoesAtAnyReadShouldNotSurface() {
        ReadRacesFixture.atEveryRead(
                at -> {
                    TestLog test = new TestLog(0, 8);
                    test.segment().batch(1).batch(1).save(true).segment().batch(1).close();
                    int[] reads = {-1_000};
                    StoreDirectory watched =
                            WatchedDirectory.of(
                                    test.directory(),
                                    name -> {},
                                    position -> {
                                        if (++reads[0] == at) {
                                            String name = SegmentDescriptor.fileName(1);
                                            test.directory().remove(name);
                                            throw Errno.exception(
                                                    Errno.ENOENT, "open", Path.of(name));
                                        }
                                    });
                    try (LogReader reader = LogReader.elsewhere(watched, System::nanoTime)) {
                        reader.seek(1);
                        reads[0] = 0;
                        reader.poll(counting, 1);
                    } catch (AppendException e) {
                        assertEquals(Code.INDEX_TRUNCATED, e.code(), e.getMessage());
                    }
                    return reads[0] >= at;
                });
    }

    @Test
    void symbolicLinkAsASegmentShouldBeRefused() throws IOException {
        TestLog test = TestLog.threeSegments(8);
        write(test);
        Path link = directory.resolve(SegmentDescriptor.fileName(3));
        Path target = directory.resolveSibling(directory.getFileName() + "-target");
        Files.move(link, target);
        try {
            Files.createSymbolicLink(link, target);

            AppendException thrown =
                    assertThrows(AppendException.class, () -> LogReader.open(directory));
            AppendException refused =
                    assertThrows(
                            AppendException.class,
                            () -> Recovery.recover(new FileSystemDirectory(directory)));

            assertEquals(Code.NOT_A_LOG, thrown.code());
            assertEquals(Code.NOT_A_LOG, refused.code());
            assertTrue(Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS));
        } finally {
            Files.delete(target);
        }
    }

    @Test
    void pollShouldAllocateNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Assumptions.assumeTrue(threads.isThreadAllocatedMemorySupported());
        SegmentBuilder segment =
                new SegmentBuilder(SegmentBuilder.header(TestLog.LOG_ID, 1, 0, 32 << 20, 512, 0));
        byte[][] entries = new byte[20][256];
        while (segment.position() < 30 << 20) {
            segment.batch(1, segment.nextIndex() - 1, entries);
        }
        Files.write(directory.resolve(SegmentDescriptor.fileName(1)), segment.bytes());
        try (LogReader reader =
                new LogReader(
                        new FileSystemDirectory(directory),
                        () -> segment.nextIndex() - 1,
                        () -> 0,
                        SystemNanoClock.INSTANCE)) {
            List<Long> allocated = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                reader.seek(0);
                for (int i = 0; i < 10; i++) {
                    reader.poll(counting, 20);
                }
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < ALLOCATION_POLLS; i++) {
                    assertEquals(20, reader.poll(counting, 20));
                }
                allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
            }
            // What a compiler thread makes this one allocate now and then is no habit.
            assertEquals(0L, Collections.min(allocated), allocated.toString());
            allocated.clear();
            for (int round = 0; round < 5; round++) {
                while (reader.poll(counting, 1_000) > 0) {
                    // To the end of what is written.
                }
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < ALLOCATION_POLLS; i++) {
                    assertEquals(0, reader.poll(counting, 20));
                }
                allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0L, Collections.min(allocated), allocated.toString());
        }
    }

    /** As segments were sealed that had been gone on in after a reopen. */
    @Test
    void whatAnIndexDoesNotKnowShouldBeLearnt() {
        int segmentBytes = 8 << 20;
        SegmentBuilder segment =
                new SegmentBuilder(
                        SegmentBuilder.header(TestLog.LOG_ID, 1, 0, segmentBytes, 512, 0));
        SparseIndexBuilder points = new SparseIndexBuilder(segmentBytes);
        byte[] entry = new byte[8_000];
        while (segment.position() < segmentBytes - (64 << 10)) {
            segment.batch(1, segment.nextIndex() - 1, entry);
        }
        points.add(segment.nextIndex(), 1, segment.position());
        segment.batch(1, segment.nextIndex() - 1, entry);
        MemoryDirectory memory = new MemoryDirectory();
        String name = SegmentDescriptor.fileName(1);
        memory.put(name, segment.bytes());
        try (StoreFile file = memory.openForWriting(name)) {
            SegmentFile.writeIndex(
                    file, segment.header(), points, segment.nextIndex(), segment.position());
        }
        int step = 10;
        // A walk from the first batch for each would read half the segment on average.
        long limitBytes = segment.nextIndex() / step * segmentBytes / 4;
        StoreDirectory metered = new MeteredDirectory(memory, limitBytes).directory();
        try (LogReader reader = LogReader.elsewhere(metered, System::nanoTime)) {
            for (long index = 0; index < segment.nextIndex(); index += step) {
                reader.read(index, counting);
            }
        }
    }

    /** A log that was truncated often is read without opening all its files again and again. */
    @Test
    void segmentsOfLaterTruncationsShouldNotBeOpenedForEachBefore() {
        int segments = 40;
        TestLog test = new TestLog(0, 8);
        for (int i = 0; i < segments; i++) {
            test.segment(SegmentDescriptor.FLAG_SUPERSEDES).batch(2).save(false);
        }
        AtomicInteger opened = new AtomicInteger();
        StoreDirectory watched =
                WatchedDirectory.of(
                        test.directory(), name -> opened.incrementAndGet(), position -> {});
        try (LogReader reader =
                new LogReader(watched, () -> Long.MAX_VALUE, () -> 0, SystemNanoClock.INSTANCE)) {
            while (reader.nextIndex() < test.nextIndex()) {
                reader.poll(counting, 10);
            }
        }

        assertEquals(readable(test), count.get());
        assertTrue(opened.get() < 4 * segments, opened + " files opened");
    }

    @Test
    void fileLongerThanAnySegmentShouldNotBeSearched() throws IOException {
        write(TestLog.threeSegments(8));
        Path huge = directory.resolve(SegmentDescriptor.fileName(4));
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(8L << 40);
        }

        LogInfo info =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(30),
                        () -> LogInfo.of(new FileSystemDirectory(directory)));

        assertEquals(16, info.nextIndex());
        assertEquals(1, info.damages().size());
        assertEquals(huge, info.damages().getFirst().file());
    }

    /** What is searched for proof of damage is paid for by the size of the files. */
    @Test
    void fileThatHasGrownSinceItWasListedShouldBeSearchedToItsEnd() throws IOException {
        long segmentBytes = 300L << 20;
        AppendLogConfig config =
                AppendLogConfig.builder()
                        .backend(Backend.CHANNEL)
                        .segmentBytes(segmentBytes)
                        .preallocate(Preallocation.SPARSE)
                        .build();
        try (AppendLog log = AppendLog.open(directory, config)) {
            log.append(new byte[10]);
        }
        try (LogReader reader = LogReader.open(directory)) {
            Path tail = directory.resolve(SegmentDescriptor.fileName(1));
            try (FileChannel file = FileChannel.open(tail, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(1), segmentBytes - 1);
            }

            while (reader.poll(counting, 10) > 0) {
                // Until it returns nothing.
            }
        }
        assertEquals(1, count.get());
    }
}
