package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;

/**
 * A large log as truncating and recycling leave it: behind its end, and in all the segments made
 * ready before and after it, stand whole batches that were written under another number, of higher
 * indexes than the log has. Each search has to check every one of them, and must not take the log
 * for forged because of that.
 */
final class StaleAreasTest {
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int ALIGN_BYTES = 512;
    private static final int READY = 56;
    private static final long BASE_INDEX = 1_000;
    private static final int ENTRIES = 100;
    private static final long STALE_NUMBER = 1L << 30;
    private static final long STALE_INDEX = 1L << 40;
    private static final byte[] ENTRY = new byte[1_000];

    private static MemoryDirectory directory;

    @BeforeAll
    static void makeLog() {
        byte[] stale = stale();
        directory = new MemoryDirectory();
        long number = 0;
        for (int i = 0; i < READY; i++) {
            save(segment(++number, -1), stale);
        }
        SegmentBuilder tail = segment(++number, BASE_INDEX);
        for (int i = 0; i < ENTRIES; i++) {
            tail.batch(1, tail.nextIndex() - 1, ENTRY);
        }
        save(tail, stale);
        for (int i = 0; i < READY; i++) {
            save(segment(++number, -1), stale);
        }
        directory.readOnly();
    }

    private static SegmentBuilder segment(long number, long baseIndex) {
        return new SegmentBuilder(
                SegmentBuilder.header(
                        TestLog.LOG_ID, number, baseIndex, SEGMENT_BYTES, ALIGN_BYTES, 0));
    }

    private static byte[] stale() {
        SegmentBuilder old = segment(STALE_NUMBER, STALE_INDEX);
        while (old.position() < old.header().indexPosition() - 2L * ENTRY.length) {
            old.batch(1, old.nextIndex() - 1, ENTRY);
        }
        return old.bytes();
    }

    private static void save(SegmentBuilder segment, byte[] stale) {
        byte[] bytes = stale.clone();
        byte[] written = segment.trimmed();
        System.arraycopy(written, 0, bytes, 0, written.length);
        directory.put(SegmentDescriptor.fileName(segment.header().number()), bytes);
    }

    private static LogReader reader() {
        return LogReader.elsewhere(directory, System::nanoTime);
    }

    private static void ignore(
            DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        // Only that it gets here counts.
    }

    @Test
    void analysisShouldFindTheEnd() {
        LogAnalysis open = LogAnalyzer.analyze(directory, AnalysisMode.OPEN, VerifyProgress.NONE);
        LogVerifier.Result verified = LogVerifier.verify(directory, VerifyProgress.NONE);
        LogInfo info = LogInfo.of(directory);

        assertEquals(BASE_INDEX + ENTRIES, open.nextIndex);
        assertTrue(open.damages.isEmpty(), () -> open.damages.toString());
        assertEquals(ENTRIES, verified.entries());
        assertTrue(verified.damages().isEmpty(), () -> verified.damages().toString());
        assertTrue(info.damages().isEmpty(), () -> info.damages().toString());
    }

    @Test
    void repairShouldFindNothingToDo() {
        assertTrue(LogRepair.plan(directory).damages().isEmpty());
    }

    @Test
    void readersShouldComeToTheEnd() {
        try (LogReader reader = reader()) {
            int read = 0;
            int more;
            while ((more = reader.poll(StaleAreasTest::ignore, ENTRIES)) > 0) {
                read += more;
            }
            long end = BASE_INDEX + ENTRIES;

            AppendException thrown =
                    assertThrows(
                            AppendException.class, () -> reader.read(end, StaleAreasTest::ignore));

            assertEquals(ENTRIES, read);
            assertEquals(Code.INDEX_NOT_WRITTEN, thrown.code());
        }
    }
}
