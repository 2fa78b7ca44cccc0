package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.sluice.store.SegmentDescriptor.Header;

import java.util.List;

/** A failure is kept, whoever met it, and ends all work. */
final class SegmentKeeperFailureTest extends KeeperFixture {
    @Test
    void failureShouldBeKeptAndEndAllWork() {
        MemoryDirectory directory = new MemoryDirectory();
        directory.failOnceAfter(3, AppendException.Code.IO);
        SegmentKeeper keeper = keeper(directory, settings(0, 0));

        doAllWork(keeper);

        assertSame(AppendException.Code.IO, keeper.failure().code());
        assertNull(keeper.takePrepared());
        int changes = directory.mutations();
        assertEquals(0, keeper.doWork());
        AppendException e = assertThrows(AppendException.class, () -> keeper.truncateBefore(1));
        assertSame(AppendException.Code.FAILED, e.code());
        assertSame(keeper.failure(), e.getCause());
        keeper.close();
        assertEquals(changes, directory.mutations());
    }

    @Test
    void failedTruncationShouldBeKeptToo() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        rollTimes(4, keeper, directory);
        directory.failOnceAfter(0, AppendException.Code.IO);

        assertThrows(AppendException.class, () -> keeper.truncateBefore(ENTRIES));
        assertThrows(AppendException.class, () -> keeper.truncateBefore(2 * ENTRIES));

        assertSame(AppendException.Code.IO, keeper.failure().code());
        assertEquals(
                actives.size(),
                actives.stream().filter(header -> isThere(directory, header)).count());
    }

    @Test
    void unexpectedExceptionShouldBecomeTheFailure() {
        MemoryDirectory directory = new MemoryDirectory();
        IllegalStateException bug = new IllegalStateException("a bug");
        SegmentKeeper keeper =
                new SegmentKeeper(
                        directory,
                        settings(0, 0),
                        LOG_ID,
                        List.of(),
                        0,
                        1,
                        () -> {
                            throw bug;
                        },
                        nanoTime::get,
                        () -> {});

        assertEquals(0, keeper.doWork());

        assertSame(AppendException.Code.FAILED, keeper.failure().code());
        assertSame(bug, keeper.failure().getCause());
    }

    /** A segment that is forgotten would stay when retention takes those beside it. */
    @Test
    void unexpectedExceptionOfATruncationShouldBecomeTheFailure() {
        MemoryDirectory directory = new MemoryDirectory();
        SegmentKeeper keeper = keeper(directory, settings(0, 0));
        roll(keeper, directory);
        activate(keeper, directory);
        SparseIndexBuilder bug = null;
        keeper.seal(actives.get(0), ENTRIES, 8192, bug);

        assertThrows(NullPointerException.class, () -> keeper.truncateBefore(0));

        assertSame(AppendException.Code.FAILED, keeper.failure().code());
        assertEquals(0, keeper.doWork());
    }

    private static boolean isThere(MemoryDirectory directory, Header header) {
        return directory.list().contains(SegmentDescriptor.fileName(header.number()));
    }
}
