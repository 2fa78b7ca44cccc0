package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.LoopFilesystem.Kind;
import org.sluice.store.Preallocation;

/**
 * ext4 and XFS that are really full: what was accepted is kept, and the log goes on by itself. They
 * are full otherwise than a filesystem in memory: they allocate late, and keep blocks back.
 */
final class FullLoopFilesystemTest extends LoopFixture {
    private static final int TRIES_MAX = 20_000_000;
    private static final int ENTRY_BYTES = 60;

    /**
     * Without blocks of its own a segment fills the disk at any batch; with them, at a roll, when
     * the next can't be made.
     */
    @ParameterizedTest
    @CsvSource({"EXT4, SPARSE", "EXT4, RESERVE", "XFS, SPARSE", "XFS, RESERVE"})
    void appendingShouldGoOnWhenThereIsSpace(Kind kind, Preallocation preallocation)
            throws Exception {
        mount(kind);
        try (AppendLog log = open(config().preallocate(preallocation))) {
            log.awaitDurable(ledger.appendMore(log, 10, ENTRY_BYTES));
            for (int i = 0; i < 2; i++) {
                await(
                        "the next segment is ready",
                        () -> segmentFiles() >= log.stats().sealedSegments() + 2);
                filesystem.fill();
                long durable = log.durableIndex();
                long last = appendUntilFull(log);

                assertTrue(log.stats().isDiskFull());
                assertFails(Code.DISK_FULL, () -> log.append(new byte[1]));
                assertFails(Code.DISK_FULL, log::sync);
                assertTrue(log.durableIndex() >= durable);
                ledger.assertHeldBy(readAll(), log.durableIndex());

                filesystem.makeSpace();
                await("all that was accepted is written", () -> log.writtenIndex() >= last);
                await("the disk counts as free", () -> !log.stats().isDiskFull());
                assertEquals(last + 1, ledger.appendMore(log, 1, ENTRY_BYTES));
                log.sync();
                ledger.appendMore(log, 1_000, ENTRY_BYTES);
            }
        }

        ledger.assertHeldBy(readAll());
    }

    /** That nothing can be tried there does not mean that it does not work. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void fullDiskShouldNotPassForOneWithoutDirectIo(Kind kind) throws Exception {
        mount(kind);
        AppendLogConfig.Builder config = config().direct(DirectIo.ON);
        try (AppendLog log = open(config)) {
            log.awaitDurable(ledger.appendMore(log, 10, ENTRY_BYTES));
        }
        filesystem.fill();

        try (AppendLog log = open(config)) {
            assertTrue(log.capabilities().has(Feature.DIRECT_IO));
        }
        ledger.assertHeldBy(readAll());
    }

    /** Returns the last index that was accepted. */
    private long appendUntilFull(AppendLog log) {
        // It may be full already: the keeper has met it.
        long last = log.nextIndex() - 1;
        for (int i = 0; i < TRIES_MAX; i++) {
            long index = ledger.tryAppend(log, 0, ledger.size(), ENTRY_BYTES);
            if (index == AppendLog.DISK_FULL) {
                return last;
            }
            if (index >= 0) {
                last = index;
            } else {
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("the disk is never full");
    }
}
