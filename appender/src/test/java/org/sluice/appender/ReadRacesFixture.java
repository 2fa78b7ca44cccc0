package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.store.Errno;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What happens while somebody reads: before the first read of a file, before the second, and so on
 * to the last.
 */
abstract class ReadRacesFixture extends LogReaderFixture {
    static final String FIRST = SegmentDescriptor.fileName(1);
    static final String SECOND = SegmentDescriptor.fileName(2);

    /** Runs {@code race} with what happens before the read counted by its argument. */
    static void atEveryRead(Race race) {
        for (int at = 1; race.run(at); at++) {
            assertTrue(at < 1_000, "there is no last read");
        }
    }

    interface Race {
        /** False if there were fewer reads. */
        boolean run(int at);
    }

    /** A directory in which {@code event} happens before read {@code at}. */
    static StoreDirectory before(
            MemoryDirectory directory, AtomicInteger reads, int at, Runnable event) {
        return WatchedDirectory.of(
                directory,
                name -> {},
                position -> {
                    if (reads.incrementAndGet() == at) {
                        event.run();
                    }
                });
    }

    static void assertSound(StoreDirectory directory, int at) {
        LogVerifier.Result result = LogVerifier.verify(directory, VerifyProgress.NONE);

        assertEquals(List.of(), result.damages(), "read " + at);
    }

    static void assertNeedsNoRepair(StoreDirectory directory, int at) {
        LogRepair.Plan plan = LogRepair.plan(directory);

        assertEquals(List.of(), plan.damages(), "read " + at);
        assertFalse(plan.isNeeded());
    }

    /** A directory that does not open the next file once {@code isRefused} says so. */
    static StoreDirectory refusing(MemoryDirectory directory, boolean[] isRefused) {
        return WatchedDirectory.of(
                directory,
                name -> {
                    if (isRefused[0]) {
                        isRefused[0] = false;
                        throw Errno.exception(Errno.EMFILE, "open", Path.of(name));
                    }
                },
                position -> {});
    }
}
