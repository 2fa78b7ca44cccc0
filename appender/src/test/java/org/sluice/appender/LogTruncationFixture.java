package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/**
 * What tests of truncations share: entries that tell their index, and what must be left of them.
 */
abstract class LogTruncationFixture extends LogFixture {
    static final int ENTRY_BYTES = 1_000;

    static byte[] bytes(long index) {
        return Entry.payload(7, index, ENTRY_BYTES);
    }

    static void append(AppendLog log, int count) {
        for (int i = 0; i < count; i++) {
            long index = log.nextIndex();
            assertEquals(index, log.append(bytes(index)));
        }
    }

    void assertHolds(long first, long next) {
        List<Entry> entries = readAll();
        assertEquals(next - first, entries.size());
        for (int i = 0; i < entries.size(); i++) {
            assertEquals(new Entry(first + i, bytes(first + i)), entries.get(i));
        }
    }
}
