package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.MemoryDirectory;

import java.util.List;
import java.util.Random;

/** A process is killed within a truncation, and the power goes within the recovery after it. */
final class StoppedRecoveryTest {
    private static final int CUTS = 60;

    private final TestLog test = TestLog.threeSegments(8);
    private final List<String> before = test.expected(test.nextIndex());
    private final Random random = new Random(7);

    /** Between two batches, and inside one. */
    @ParameterizedTest
    @ValueSource(longs = {12, 13})
    void logShouldBeTheOldOneOrTheTruncatedOne(long index) {
        List<String> after = test.expected(index + 1);
        boolean isTruncated = false;
        for (int kill = 0; !isTruncated; kill++) {
            boolean isRecovered = false;
            for (int stop = 0; !isRecovered; stop++) {
                MemoryDirectory directory = test.directory().copy();
                isTruncated = isDone(directory, kill, () -> truncate(directory, index));
                isRecovered = isDone(directory, stop, () -> Recovery.recover(directory));
                for (int cut = 0; cut < CUTS; cut++) {
                    MemoryDirectory left = directory.powerCut(random);
                    List<String> lines = ReadLog.of(left, Recovery.recover(left));
                    String what = "killed at " + kill + ", cut at " + stop + ": " + lines;
                    assertTrue(lines.equals(before) || lines.equals(after), what);
                }
            }
        }
    }

    private static void truncate(MemoryDirectory directory, long index) {
        Truncation.truncateAfter(directory, Recovery.recover(directory), index);
    }

    /** Whether {@code task} ended before it was stopped at its change number {@code at}. */
    private static boolean isDone(MemoryDirectory directory, int at, Runnable task) {
        directory.failAfter(at);
        try {
            task.run();
            return true;
        } catch (MemoryDirectory.Stopped stopped) {
            return false;
        }
    }
}
