package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What producers appended, kept outside the log, and whether it is what the log holds. */
final class Ledger {
    private record Appended(int producer, long number, int length) {
        byte[] payload() {
            return Entry.payload(producer, number, length);
        }
    }

    private final ConcurrentMap<Long, Appended> appended = new ConcurrentHashMap<>();

    /** Appends {@link Entry#payload} of these; returns its index. */
    long append(AppendLog log, int producer, long number, int length) {
        long index = log.append(Entry.payload(producer, number, length));
        appended(index, producer, number, length);
        return index;
    }

    /** Appends {@code count} of {@code producer}, numbered from 0. */
    void appendMany(AppendLog log, int producer, int count, int length) {
        for (int i = 0; i < count; i++) {
            append(log, producer, i, length);
        }
    }

    /** Appends {@code count} more of producer 0; returns the last one's index. */
    long appendMore(AppendLog log, int count, int length) {
        long index = -1;
        for (int i = 0; i < count; i++) {
            index = append(log, 0, size(), length);
        }
        return index;
    }

    /** As {@link #append}, by {@code tryAppend}, whose code is returned if it did not append. */
    long tryAppend(AppendLog log, int producer, long number, int length) {
        long index = log.tryAppend(Entry.payload(producer, number, length));
        if (index >= 0) {
            appended(index, producer, number, length);
        }
        return index;
    }

    /** An append returned {@code index}. */
    void appended(long index, int producer, long number, int length) {
        assertTrue(index >= 0, () -> "append returned " + index);
        Appended before = appended.put(index, new Appended(producer, number, length));
        assertNull(before, () -> "index " + index + " was given out twice");
    }

    /** What was not acknowledged is gone, and its indexes are given out again. */
    void forgetFrom(long index) {
        appended.keySet().removeIf(gone -> gone >= index);
    }

    int size() {
        return appended.size();
    }

    /** The log holds exactly what was appended, in order, nothing else. */
    void assertHeldBy(List<Entry> entries) {
        assertEquals(appended.size(), entries.size());
        assertHeldBy(entries, Long.MAX_VALUE);
    }

    /**
     * The log holds a prefix of what was appended, with all up to {@code lastIndex} in it, from
     * where {@code entries} begin.
     */
    void assertHeldBy(List<Entry> entries, long lastIndex) {
        long before = -1;
        for (Entry entry : entries) {
            Appended expected = appended.get(entry.index());
            assertTrue(expected != null, () -> "nobody appended " + entry);
            assertTrue(entry.index() > before, () -> entry + " is out of order");
            assertArrayEquals(expected.payload(), entry.bytes(), () -> "index " + entry.index());
            before = entry.index();
        }
        assertNothingMissing(entries, lastIndex);
    }

    /** Each producer's entries stand in the order in which it appended them. */
    void assertProducersInOrder() {
        Map<Integer, Long> last = new ConcurrentHashMap<>();
        appended.keySet().stream()
                .sorted()
                .forEach(
                        index -> {
                            Appended entry = appended.get(index);
                            Long before = last.put(entry.producer(), entry.number());
                            assertTrue(before == null || before < entry.number(), entry::toString);
                        });
    }

    private void assertNothingMissing(List<Entry> entries, long lastIndex) {
        long first = entries.isEmpty() ? 0 : entries.getFirst().index();
        long last = entries.isEmpty() ? -1 : entries.getLast().index();
        long wanted =
                appended.keySet().stream()
                        .filter(index -> index >= first && index <= Math.max(last, lastIndex))
                        .count();
        assertEquals(wanted, entries.size(), "entries from " + first + " on");
    }
}
