package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.LoopFilesystem.Kind;
import org.sluice.store.SmallFilesystem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A filesystem that is taken away from a log at work, for real: the log ends and says why, nothing
 * hangs, and what it acknowledged is there when the filesystem is back.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a hang has no deadline
final class LostFilesystemTest extends LoopFixture {
    private static final int PRODUCERS = 4;
    private static final int POWER_CUTS = 3;
    private static final int MANY_POWER_CUTS = 25;

    private interface Act {
        void run() throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void lostDeviceShouldEndTheLogWithoutAHang(Kind kind) throws Exception {
        mount(kind);

        long durable = loseWhileAppending(filesystem::loseDevice);

        AppendException again = assertThrows(AppendException.class, this::open);
        assertNotEquals(Code.CORRUPT, again.code(), again.getMessage());
        filesystem.restoreDevice();
        filesystem.mountAgain();
        assertOpensWith(durable);
    }

    /** What counts as durable must be on the device: names of files, their sizes, their content. */
    @ParameterizedTest
    @EnumSource
    void cutPowerShouldTakeNothingThatWasAcknowledged(Kind kind) throws Exception {
        cutPowerAgainAndAgain(kind, POWER_CUTS);
    }

    /** With both filesystems and both backends 100 cuts. */
    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void manyPowerCutsShouldTakeNothingThatWasAcknowledged(Kind kind) throws Exception {
        cutPowerAgainAndAgain(kind, MANY_POWER_CUTS);
    }

    private void cutPowerAgainAndAgain(Kind kind, int cuts) throws Exception {
        mount(kind);
        for (int i = 0; i < cuts; i++) {
            long durable = loseWhileAppending(filesystem::cutPower);
            filesystem.mountAgain();
            assertOpensWith(durable);
        }
        System.out.printf(
                "LostFilesystemTest over %s on %s: %d power cuts, %,d entries appended%n",
                backend, kind, cuts, ledger.size());
    }

    /** As ext4 does when it has met an error. */
    @Test
    void filesystemTurnedReadOnlyShouldEndTheLogAndBeReadOn() throws Exception {
        mount(Kind.EXT4);

        long durable = loseWhileAppending(filesystem::turnReadOnly);

        assertHeld(durable);
        AppendException again = assertThrows(AppendException.class, this::open);
        assertTrue(again.getMessage().toLowerCase(Locale.ROOT).contains("read-only"));
        filesystem.mountAgain();
        assertOpensWith(durable);
    }

    @Test
    void logOnAReadOnlyMountShouldBeReadAndNotOpened() throws Exception {
        try (SmallFilesystem small = SmallFilesystem.mount(temp, 4L << 20)) {
            Path directory = small.root().resolve("log");
            try (AppendLog log = AppendLog.open(directory, config().build())) {
                log.append(new byte[5]);
            }
            small.readOnly(true);

            AppendException thrown =
                    assertFails(
                            Code.ACCESS_DENIED, () -> AppendLog.open(directory, config().build()));
            assertEquals(Errno.EROFS, thrown.errno());
            assertTrue(thrown.getMessage().contains("read-only"), thrown.getMessage());
            try (LogReader reader = LogReader.open(directory)) {
                assertEquals(1, drain(reader).size());
            }
            small.readOnly(false);
            AppendLog.open(directory, config().build()).close();
        }
    }

    /** Returns the last index that was acknowledged before. */
    private long loseWhileAppending(Act lose) throws Exception {
        AppendLog log = open(config().retentionBytes(2 << 20));
        long first = log.nextIndex();
        AtomicBoolean never = new AtomicBoolean();
        Threads producers =
                Threads.start(
                        PRODUCERS,
                        producer -> {
                            AppendException thrown =
                                    assertFails(Code.FAILED, () -> produce(log, producer, never));
                            assertNotNull(thrown.getCause());
                        });
        await("it has rolled", () -> log.stats().rolls() > 4 && log.durableIndex() > first + 100);

        // Not after: while it goes down, ext4 and XFS still answer some syncs of what they then
        // drop. Where the power is really cut, nobody is left to be told so.
        long durable = log.durableIndex();
        lose.run();
        producers.join();

        AppendException closing = assertFails(Code.FAILED, log::close);
        AppendException cause = (AppendException) closing.getCause();
        assertTrue(
                Set.of(Code.IO, Code.ACCESS_DENIED).contains(cause.code()),
                () -> cause.code() + ": " + cause.getMessage());
        assertEquals(AppendLog.FAILED, log.tryAppend(new byte[1]));
        return durable;
    }

    private void assertHeld(long durable) {
        List<Entry> entries = readAll();
        ledger.assertHeldBy(entries, durable);
        assertTrue(entries.getLast().index() >= durable);
    }

    private void assertOpensWith(long durable) {
        assertHeld(durable);
        try (AppendLog log = open()) {
            assertTrue(log.nextIndex() > durable, () -> log.nextIndex() + " after " + durable);
            ledger.forgetFrom(log.nextIndex());
            long index = ledger.append(log, 9, durable, 30);
            log.awaitDurable(index);
        }
        assertHeld(durable + 1);
    }
}
