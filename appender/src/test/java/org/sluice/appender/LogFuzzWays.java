package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.store.AppendException;
import org.sluice.store.MemoryDirectory;

import java.util.List;

/** Goes the ways into a log, and compares what they say of it; for {@link LogFuzz}. */
final class LogFuzzWays {
    private static final int POLLS_MAX = 100_000;
    private static final int POLL_LIMIT = 7;

    /** Beyond the time for which a reader takes damage for a writer at work. */
    private static final long POLL_NS = 1_000_000_000;

    private LogFuzzWays() {}

    // ---- one by one ----

    static void verify(MemoryDirectory log) {
        LogVerifier.verify(log.readOnly(), VerifyProgress.NONE);
    }

    static void info(MemoryDirectory log) {
        LogInfo.of(log.readOnly());
    }

    /** In order, behind damage, by time, at random. */
    static void read(MemoryDirectory log) {
        long[] nowNs = {0};
        try (LogReader reader = reader(log.readOnly(), nowNs)) {
            long last = reader.lastIndex();
            long first = reader.firstIndex();
            attempt(() -> pollAll(reader, nowNs));
            attempt(() -> reader.seek(Math.max(0, reader.nextIndex() + 1)));
            attempt(() -> pollAll(reader, nowNs));
            for (long time : new long[] {Long.MIN_VALUE, 0, 1_010, 1_030, Long.MAX_VALUE}) {
                attempt(() -> reader.seekToTime(time));
                attempt(() -> pollAll(reader, nowNs));
            }
            for (long index : new long[] {first, first + 1, (first + last) >>> 1, last, 3, 6}) {
                attempt(() -> reader.read(Math.max(0, index), LogFuzzWays::touch));
                nowNs[0] += POLL_NS;
            }
        }
    }

    /** Opened again at any time it is what it was; and a part of it can be given up. */
    static void open(MemoryDirectory log) {
        RecoveredLog opened = Recovery.recover(log);
        assertSame(opened, Recovery.recover(log));
        if (opened.nextIndex() > opened.firstIndex()) {
            long index = (opened.firstIndex() + opened.nextIndex() - 1) >>> 1;
            RecoveredLog rest = Truncation.truncateAfter(log, opened, index);
            assertEquals(index + 1, rest.nextIndex());
        }
    }

    /** A repair does what its plan says, and leaves a sound log. */
    static void repair(MemoryDirectory log) {
        LogRepair.Plan plan = LogRepair.plan(log.copy().readOnly());
        assertEquals(plan, LogRepair.execute(log));
        assertEquals(List.of(), LogVerifier.verify(log, VerifyProgress.NONE).damages());
        RecoveredLog opened = recover(log);
        assertEquals(plan.firstIndex(), opened.firstIndex());
        assertEquals(plan.nextIndex(), opened.nextIndex());
    }

    // ---- all together ----

    /** A log that is sound opens, and everybody finds the same entries in it. */
    static void agree(MemoryDirectory log) {
        LogVerifier.Result found = LogVerifier.verify(log, VerifyProgress.NONE);
        if (!found.isSound()) {
            return;
        }
        LogInfo info = LogInfo.of(log);
        assertEquals(List.of(), info.damages());
        assertEquals(found.firstIndex(), info.firstIndex());
        assertEquals(found.nextIndex(), info.nextIndex());
        if (found.tornTailBytes() == 0) {
            assertEquals(found.entries() - found.aborted(), count(log), "entries read");
        }
        RecoveredLog opened = recover(log);
        assertEquals(found.firstIndex(), opened.firstIndex());
        assertEquals(found.nextIndex(), opened.nextIndex());
        LogVerifier.Result again = LogVerifier.verify(log, VerifyProgress.NONE);
        assertEquals(List.of(), again.damages());
        assertEquals(found.entries(), again.entries());
        assertEquals(found.aborted(), again.aborted());
        assertEquals(0, again.tornTailBytes());
    }

    private static RecoveredLog recover(MemoryDirectory log) {
        try {
            return Recovery.recover(log);
        } catch (AppendException e) {
            if (LogFuzz.isTooLarge(e)) {
                throw e;
            }
            throw new AssertionError("sound, but does not open", e);
        }
    }

    private static void assertSame(RecoveredLog first, RecoveredLog second) {
        assertEquals(first.firstIndex(), second.firstIndex());
        assertEquals(first.nextIndex(), second.nextIndex());
    }

    private static long count(MemoryDirectory log) {
        long[] nowNs = {0};
        try (LogReader reader = reader(log, nowNs)) {
            return pollAll(reader, nowNs);
        } catch (AppendException e) {
            throw new AssertionError("sound, but can't be read", e);
        }
    }

    // ---- reading ----

    private static LogReader reader(MemoryDirectory log, long[] nowNs) {
        return LogReader.elsewhere(log, () -> nowNs[0]);
    }

    /** Reads to the end; entries come in order. Returns how many there are. */
    private static long pollAll(LogReader reader, long[] nowNs) {
        long[] state = {-1, 0};
        EntryHandler handler =
                (buffer, offset, length, index, timestampNs) -> {
                    touch(buffer, offset, length, index, timestampNs);
                    assertTrue(index > state[0], "not in order");
                    state[0] = index;
                    state[1]++;
                };
        int idle = 0;
        for (int poll = 0; idle < 2; poll++) {
            assertTrue(poll < POLLS_MAX, "polling does not end");
            idle = reader.poll(handler, POLL_LIMIT) == 0 ? idle + 1 : 0;
            nowNs[0] += POLL_NS;
        }
        return state[1];
    }

    private static void touch(
            org.agrona.DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        assertTrue(length >= 0 && index >= 0, "length or index");
        buffer.boundsCheck(offset, length);
    }

    private static void attempt(Runnable use) {
        try {
            use.run();
        } catch (AppendException e) {
            LogFuzz.requireAnswer(e);
        }
    }
}
