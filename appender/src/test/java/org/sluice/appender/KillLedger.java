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
    /** A log is at most so many times as long as what it holds. */
    private static final int OVERHEAD = 4;

    private record Name(int producer, long number) {}

    private final Map<Long, Name> acknowledged = new HashMap<>();

    /** This index and all before it must be there. */
    private long durableIndex = -1;

    /** What retention has taken stays away. */
    private long firstIndex;

    private long checked;

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

    /** Where the log began when it was last looked at. */
    long firstIndex() {
        return firstIndex;
    }

    /**
     * A reader finds all of it before anything recovers the log, or at least as much of its end as
     * was to be retained; 0: all.
     */
    void assertHeldByReader(Path directory, long retentionBytes) {
        try (LogReader reader = LogReader.open(directory)) {
            Check check = assertHeld(reader);
            if (check.firstIndex > 0) {
                // Between them stand headers, padding, and a segment's end that an entry did not
                // fit.
                assertTrue(
                        retentionBytes > 0 && check.bytes >= retentionBytes / OVERHEAD,
                        () -> check.bytes + " bytes are left, from " + check.firstIndex + " on");
            }
        }
    }

    /** An open log holds all of it; what it holds now must be there ever after. */
    void assertHeldByLog(AppendLog log) {
        try (LogReader reader = log.openReader()) {
            assertEquals(log.nextIndex(), assertHeld(reader).nextIndex);
            assertEquals(log.firstIndex(), firstIndex);
        }
        durableIndex = log.nextIndex() - 1;
    }

    private Check assertHeld(LogReader reader) {
        Check check = new Check();
        while (reader.poll(check::add, Integer.MAX_VALUE) > 0) {
            assertTrue(check.nextIndex > 0);
        }
        assertTrue(
                check.nextIndex > durableIndex,
                () -> "ends before " + check.nextIndex + ", durable was " + durableIndex);
        assertTrue(
                check.firstIndex >= firstIndex,
                () -> check.firstIndex + " is there again, before " + firstIndex);
        firstIndex = check.firstIndex;
        checked += check.nextIndex - check.firstIndex;
        return check;
    }

    @Override
    public String toString() {
        return "%,d acknowledgements, %,d entries read and compared, entries %,d to %,d left"
                .formatted(acknowledged.size(), checked, firstIndex, durableIndex);
    }

    /** Goes along a log from its first entry. */
    private final class Check {
        private final Map<Integer, Long> nextNumbers = new HashMap<>();
        private long firstIndex;
        private long nextIndex;
        private long bytes;

        void add(DirectBuffer buffer, int offset, int length, long index, long timeNs) {
            if (bytes == 0) {
                firstIndex = index;
                nextIndex = index;
            }
            assertEquals(nextIndex, index, "a gap, or entries out of order");
            nextIndex++;
            bytes += length;
            byte[] content = new byte[length];
            buffer.getBytes(offset, content);
            ByteBuffer prefix = ByteBuffer.wrap(content);
            int producer = prefix.getInt();
            long number = prefix.getLong();
            assertArrayEquals(KillChild.payload(producer, number), content, () -> "index " + index);
            // Of a producer that is met first, retention may have taken the beginning.
            long unknown = firstIndex == 0 ? 0 : number;
            assertEquals(nextNumbers.getOrDefault(producer, unknown), number, "a producer's order");
            nextNumbers.put(producer, number + 1);
            Name name = acknowledged.get(index);
            if (name != null) {
                assertEquals(name, new Name(producer, number), () -> "index " + index);
            }
        }
    }
}
