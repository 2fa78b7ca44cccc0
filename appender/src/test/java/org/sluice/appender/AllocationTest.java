package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;

/**
 * What runs for every entry and every batch allocates nothing once it is compiled. A roll does, and
 * so does a sync: an event for Flight Recorder.
 */
final class AllocationTest extends LogFixture {
    private static final int ENTRIES = 200_000;
    private static final int ENTRY_BYTES = 40;

    /** Until the compiler is done, which it says to nobody. */
    private static final int ROUNDS_MAX = 100;

    /** So often that what serves who waits is compiled too. */
    private static final int ENTRIES_PER_WAIT = 100;

    private static final long SEGMENT_BYTES = 256L * 1024 * 1024;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final byte[] bytes = Entry.payload(0, 0, ENTRY_BYTES);
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final EntryClaim claim = new EntryClaim();
    private long delivered;

    @Test
    void appendingBytesShouldAllocateNothing() {
        assertAppendAllocatesNothing(log -> log.append(bytes));
    }

    @Test
    void appendingBufferShouldAllocateNothing() {
        assertAppendAllocatesNothing(log -> log.append(buffer, 0, ENTRY_BYTES));
    }

    @Test
    void claimingShouldAllocateNothing() {
        assertAppendAllocatesNothing(
                log -> {
                    log.claim(ENTRY_BYTES, claim);
                    claim.buffer().putBytes(0, buffer, 0, ENTRY_BYTES);
                    claim.commit();
                });
    }

    @Test
    void pollingShouldAllocateNothing() {
        EntryHandler handler = (payload, offset, length, index, timestampNs) -> delivered++;
        long allocated = Long.MAX_VALUE;

        try (AppendLog log = openSpacious();
                LogReader reader = log.openReader()) {
            for (int round = 0; round < ROUNDS_MAX && allocated > 0; round++) {
                append(log, target -> target.append(bytes));
                delivered = 0;
                long before = threads.getCurrentThreadAllocatedBytes();
                while (reader.poll(handler, 100) > 0) {
                    assertTrue(delivered <= ENTRIES);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertEquals(ENTRIES, delivered);
            }
        }

        assertEquals(0, allocated, "bytes for " + ENTRIES + " entries");
    }

    private void assertAppendAllocatesNothing(Consumer<AppendLog> append) {
        long producer = Long.MAX_VALUE;
        long writer = Long.MAX_VALUE;

        try (AppendLog log = openSpacious()) {
            long writerId = writerThreadId();
            for (int round = 0; round < ROUNDS_MAX && (producer > 0 || writer > 0); round++) {
                long writerBefore = threads.getThreadAllocatedBytes(writerId);
                producer = append(log, append);
                writer = threads.getThreadAllocatedBytes(writerId) - writerBefore;
            }
        }

        assertEquals(0, producer, "bytes of the producer for " + ENTRIES + " entries");
        assertEquals(0, writer, "bytes of the writer for " + ENTRIES + " entries");
    }

    /**
     * Waits now and then, so that batches that are not full and waiters take part. A wait itself
     * may allocate: a second one that comes before the writer has done with the first.
     *
     * @return bytes that this thread allocated otherwise
     */
    private long append(AppendLog log, Consumer<AppendLog> append) {
        long allocated = 0;
        for (int i = 0; i < ENTRIES; i += ENTRIES_PER_WAIT) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int j = 0; j < ENTRIES_PER_WAIT; j++) {
                append.accept(log);
            }
            allocated += threads.getCurrentThreadAllocatedBytes() - before;
            log.awaitWritten(log.nextIndex() - 1);
        }
        return allocated;
    }

    /** Most rounds see no roll; blocks are small, so that there are many batches. */
    private AppendLog openSpacious() {
        return open(
                config().slotCount(8_192)
                        .maxEntryBytes(4_000)
                        .blockBytes(8 * 1024)
                        .segmentBytes(SEGMENT_BYTES));
    }

    private static long writerThreadId() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("sluice-writer") && thread.isAlive())
                .mapToLong(Thread::threadId)
                .max()
                .orElseThrow();
    }
}
