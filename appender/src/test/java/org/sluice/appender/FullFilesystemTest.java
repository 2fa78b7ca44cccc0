package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;

/** What makes space on a filesystem that is really full; skipped where none can be mounted. */
final class FullFilesystemTest extends SmallFilesystemFixture {
    private static final long SMALL_BYTES = 2L << 20;
    private static final long LARGE_BYTES = 16L << 20;
    private static final int ENTRY_BYTES = 500;

    FullFilesystemTest() {
        super(SMALL_BYTES);
    }

    @Override
    AppendLogConfig.Builder config() {
        return super.config().segmentBytes(256 * 1024);
    }

    @Test
    void truncateBeforeShouldMakeSpace() {
        Ledger ledger = new Ledger();

        try (AppendLog log = open()) {
            appendUntilFull(log, ledger, 0);
            log.truncateBefore(log.durableIndex());
            await("it goes on by itself", () -> !log.stats().isDiskFull());
            ledger.appendMany(log, 1, 500, ENTRY_BYTES);
            log.sync();
            assertTrue(log.firstIndex() > 0);
        }

        ledger.assertHeldBy(readAll(), ledger.size() - 1);
    }

    @Test
    void retentionShouldKeepTheDiskFromFillingUp() {
        Ledger ledger = new Ledger();

        try (AppendLog log = open(config().retentionBytes(512 * 1024))) {
            ledger.appendMany(log, 0, 10_000, ENTRY_BYTES);
            log.sync();
            assertTrue(log.firstIndex() > 5_000);
        }

        ledger.assertHeldBy(readAll(), 9_999);
    }

    private static void appendUntilFull(AppendLog log, Ledger ledger, int producer) {
        assertFails(
                Code.DISK_FULL,
                () -> {
                    for (int i = 0; i < LARGE_BYTES / ENTRY_BYTES; i++) {
                        long index = ledger.append(log, producer, i, ENTRY_BYTES);
                        if (i % 100 == 0) {
                            log.awaitDurable(index);
                        }
                    }
                });
        await("the statistics say so", () -> log.stats().isDiskFull());
    }
}
