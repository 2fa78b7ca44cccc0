package org.sluice.bench.peer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ResultCheckTest {
    private static final int ENTRY_BYTES = 24;

    private final ResultCheck check = new ResultCheck(ENTRY_BYTES, 2);
    private final EntryPattern first = new EntryPattern(ENTRY_BYTES, 0);
    private final EntryPattern second = new EntryPattern(ENTRY_BYTES, 1);

    private void deliverNext(EntryPattern pattern) {
        pattern.next();
        deliver(pattern);
    }

    private void deliver(EntryPattern pattern) {
        check.onEntry(pattern.buffer(), 0, ENTRY_BYTES);
    }

    @Test
    void entriesOfTwoProducersMayBeMixed() {
        deliverNext(first);
        deliverNext(second);
        deliverNext(second);
        deliverNext(first);

        assertDoesNotThrow(() -> check.finish(new long[] {2, 2}));
        assertEquals(4, check.count());
    }

    @Test
    void missingLastEntryShouldFail() {
        deliverNext(first);

        IllegalStateException failure =
                assertThrows(IllegalStateException.class, () -> check.finish(new long[] {2, 0}));

        assertTrue(failure.getMessage().contains("appended 2"), failure.getMessage());
    }

    @Test
    void missingEntryInTheMiddleShouldFail() {
        deliverNext(first);
        first.next();
        first.next();

        assertThrows(IllegalStateException.class, () -> deliver(first));
    }

    @Test
    void repeatedEntryShouldFail() {
        deliverNext(first);

        assertThrows(IllegalStateException.class, () -> deliver(first));
    }

    @Test
    void changedByteShouldFail() {
        first.next();
        first.bytes()[ENTRY_BYTES - 1] ^= 1;

        assertThrows(IllegalStateException.class, () -> deliver(first));
    }

    @Test
    void shorterEntryShouldFail() {
        first.next();

        assertThrows(
                IllegalStateException.class,
                () -> check.onEntry(first.buffer(), 0, ENTRY_BYTES - 1));
    }

    @Test
    void producerWhoDoesNotExistShouldFail() {
        EntryPattern third = new EntryPattern(ENTRY_BYTES, 2);
        third.next();

        assertThrows(IllegalStateException.class, () -> deliver(third));
    }
}
