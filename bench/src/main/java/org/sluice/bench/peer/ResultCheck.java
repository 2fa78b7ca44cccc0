package org.sluice.bench.peer;

import org.agrona.DirectBuffer;

import java.nio.ByteOrder;

/**
 * Checks what is in a candidate's files: all that each producer appended, whole and in its order,
 * and nothing else. Entries of different producers may be mixed in any way.
 */
public final class ResultCheck implements EntrySink {
    private final EntryPattern pattern;
    private final byte[] scratch;
    private final long[] nextSequences;
    private long count;

    /** A check of entries of {@code entryBytes} by {@code producers}. */
    public ResultCheck(int entryBytes, int producers) {
        pattern = new EntryPattern(entryBytes, 0);
        scratch = new byte[entryBytes];
        nextSequences = new long[producers];
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length) {
        if (length != scratch.length) {
            throw new IllegalStateException(
                    "entry " + count + " has " + length + " bytes instead of " + scratch.length);
        }
        long id = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        int producer = EntryPattern.producerOf(id);
        if (producer < 0 || producer >= nextSequences.length) {
            throw new IllegalStateException(
                    "entry " + count + " is of producer " + producer + ", who does not exist");
        }
        long sequence = EntryPattern.sequenceOf(id);
        if (sequence != nextSequences[producer]) {
            throw new IllegalStateException(
                    "producer "
                            + producer
                            + ": entry "
                            + sequence
                            + " follows where "
                            + nextSequences[producer]
                            + " belongs");
        }
        buffer.getBytes(offset, scratch);
        if (!pattern.hasFiller(scratch)) {
            throw new IllegalStateException("entry " + count + " has other bytes than were made");
        }
        nextSequences[producer]++;
        count++;
    }

    /** Entries seen so far. */
    public long count() {
        return count;
    }

    /**
     * Says that the files are at their end.
     *
     * @param appended entries that each producer appended
     * @throws IllegalStateException if one is missing
     */
    public void finish(long[] appended) {
        for (int producer = 0; producer < appended.length; producer++) {
            if (nextSequences[producer] != appended[producer]) {
                throw new IllegalStateException(
                        "producer "
                                + producer
                                + " appended "
                                + appended[producer]
                                + " entries, and "
                                + nextSequences[producer]
                                + " are in the files");
            }
        }
    }
}
