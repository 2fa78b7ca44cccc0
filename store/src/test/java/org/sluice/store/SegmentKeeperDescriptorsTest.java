package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process short of file descriptors for a while must not lose its log over it. */
@EnabledOnOs(OS.LINUX)
final class SegmentKeeperDescriptorsTest extends KeeperFixture {
    private static final long TIMEOUT_S = 60;
    private static final long AGE_NS = 1_000;
    private static final long SEED = 42;
    private static final int CUTS = 200;

    /** Steps of a segment that is freed before the sync: its file is renamed, or deleted. */
    private static final int STEPS_BEFORE_SYNC = 1;

    @TempDir Path directory;

    @Test
    void lackShouldBeWaitedOutUntilASegmentIsNeeded() throws Exception {
        List<String> flags = new ArrayList<>(JavaCommand.FLAGS);
        // The VM's own threads would take descriptors now and then.
        flags.addAll(List.of("-Xint", "-XX:+UseSerialGC"));
        List<String> command = JavaCommand.of(flags, ShortOfDescriptorsChild.class, directory);
        command.addAll(0, List.of("prlimit", "--nofile=64"));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = child.inputReader().lines().toList();
        assertTrue(child.waitFor(TIMEOUT_S, TimeUnit.SECONDS));

        assertEquals(
                List.of(
                        "none free: 0 ready, goes on",
                        "sync: " + Errno.EMFILE,
                        "one free: 1 ready, goes on",
                        "all free: 2 ready, goes on",
                        "first turn, none free: 0 ready, goes on",
                        "second turn, all free: 1 ready, goes on",
                        "awaited, none free: 0 ready, failed"),
                lines);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".spare")).toList(),
                    "a try left its file behind");
        }
    }

    /** Two segments gone without a sync between: a power cut could bring back the older alone. */
    @Test
    void lackAtTheSyncOfAFreedSegmentShouldPutOffTheNext() {
        MemoryDirectory memory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(memory, settings(0, AGE_NS));
        rollTimes(4, keeper, memory);
        epochNs.addAndGet(2 * AGE_NS);
        memory.failOnceAfter(STEPS_BEFORE_SYNC, lack());

        keeper.doWork();
        assertNull(keeper.failure());
        assertEquals(2, keeper.segmentCount(), "one was freed, and no other before its sync");
        doAllWork(keeper);

        assertNull(keeper.failure());
        assertEquals(0, keeper.segmentCount());
    }

    @Test
    void truncateBeforeShouldBeRepeatableAfterALack() {
        MemoryDirectory memory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(memory, settings(0, 0));
        rollTimes(2, keeper, memory);
        doAllWork(keeper);
        memory.failOnceAfter(STEPS_BEFORE_SYNC, lack());

        AppendException e =
                assertThrows(AppendException.class, () -> keeper.truncateBefore(ENTRIES));
        assertEquals(Errno.EMFILE, e.errno());
        assertNull(keeper.failure());
        keeper.truncateBefore(ENTRIES);

        Random random = new Random(SEED);
        for (int cut = 0; cut < CUTS; cut++) {
            List<String> left = memory.powerCut(random).list();
            assertFalse(left.contains(NAME_1), "a power cut brings it back");
        }
    }

    /** Else its old name could come back with another segment's header behind it. */
    @Test
    void freedSegmentShouldNotBeRecycledBeforeItsNameIsGoneForGood() {
        for (int steps = 0; steps < 8; steps++) {
            MemoryDirectory memory = new MemoryDirectory();
            SegmentKeeper keeper = keeper(memory, settings(0, AGE_NS));
            actives.clear();
            rollTimes(2, keeper, memory);
            activate(keeper, memory);
            epochNs.addAndGet(2 * AGE_NS);
            memory.failOnceAfter(STEPS_BEFORE_SYNC, lack());
            memory.failAfterThat(steps);
            keeper.doWork();

            Random random = new Random(SEED);
            for (int cut = 0; cut < CUTS; cut++) {
                assertNoneIsMisplaced(memory.powerCut(random));
            }
        }
    }

    private static void assertNoneIsMisplaced(MemoryDirectory left) {
        List<String> segments =
                left.list().stream().filter(name -> SegmentDescriptor.numberOf(name) > 0).toList();
        for (String name : segments) {
            try (StoreFile file = left.openForReading(name)) {
                SegmentFile.readHeader(left, name, file);
            }
        }
    }

    private static AppendException lack() {
        return Errno.exception(Errno.EMFILE, "sync", Path.of("memory"));
    }
}
