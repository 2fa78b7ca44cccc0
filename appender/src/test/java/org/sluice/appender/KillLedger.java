package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.DirectBuffer;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What children acknowledged before they were killed, kept outside of them and of the log. */
final class KillLedger {
    private record Name(int producer, long number) {}

    private final Map<Long, Name> acknowledged = new HashMap<>();

    /** This index and all before it must be there. */
    private long durableIndex = -1;

    /** Takes a line of {@link KillChild}; one that is not whole says nothing. */
    void add(String line) {
        String[] words = line.split(" ", -1);
        if (!words[words.length - 1].equals(".") || words[0].equals("opening")) {
            return;
        }
        long index = Long.parseLong(words[0]);
        durableIndex = Math.max(durableIndex, index);
        if (words.length == 4) {
            Name name = new Name(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            assertNull(acknowledged.put(index, name), "given out twice: " + line);
        }
    }

    int acknowledged() {
        return acknowledged.size();
    }

    /** A reader finds all of it before anything recovers the log. */
    void assertHeldByReader(Path directory) {
        try (LogReader reader = LogReader.open(directory)) {
            assertHeld(reader);
        }
    }

    /** An open log holds all of it; what it holds now must be there ever after. */
    void assertHeldByLog(AppendLog log) {
        try (LogReader reader = log.openReader()) {
            assertEquals(log.nextIndex(), assertHeld(reader));
        }
        durableIndex = log.nextIndex() - 1;
    }

    /** Returns the index after the last entry. */
    private long assertHeld(LogReader reader) {
        Check check = new Check();
        while (reader.poll(check::add, Integer.MAX_VALUE) > 0) {
            assertTrue(check.nextIndex > 0);
        }
        assertTrue(
                check.nextIndex > durableIndex,
                () -> "ends before " + check.nextIndex + ", durable was " + durableIndex);
        return check.nextIndex;
    }

    /** Goes along a log from its first entry. */
    private final class Check {
        private final Map<Integer, Long> nextNumbers = new HashMap<>();
        private long nextIndex;

        void add(DirectBuffer buffer, int offset, int length, long index, long timeNs) {
            assertEquals(nextIndex, index, "a gap, or entries out of order");
            nextIndex++;
            byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            ByteBuffer prefix = ByteBuffer.wrap(bytes);
            int producer = prefix.getInt();
            long number = prefix.getLong();
            assertArrayEquals(KillChild.payload(producer, number), bytes, () -> "index " + index);
            assertEquals(nextNumbers.getOrDefault(producer, 0L), number, "a producer's order");
            nextNumbers.put(producer, number + 1);
            Name name = acknowledged.get(index);
            if (name != null) {
                assertEquals(name, new Name(producer, number), () -> "index " + index);
            }
        }
    }
}
