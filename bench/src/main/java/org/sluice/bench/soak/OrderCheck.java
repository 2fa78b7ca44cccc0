package org.sluice.bench.soak;

import org.agrona.DirectBuffer;
import org.sluice.appender.EntryHandler;

import java.util.HashMap;
import java.util.Map;

/**
 * Checks entries that are read in order: their bytes, that no index is missing but those of entries
 * given up, and that each producer's follow each other.
 */
final class OrderCheck implements EntryHandler {
    private final Map<Integer, Long> lastNumbers = new HashMap<>();
    private long nextIndex;
    private long checked;

    /** Begins with entry {@code firstIndex}. */
    OrderCheck(long firstIndex) {
        nextIndex = firstIndex;
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        checkGap(index);
        long word = SoakEntry.checkedWord(buffer, offset, length, index);
        if (SoakEntry.isCopied(word)) {
            checkNumber(word, index);
        }
        nextIndex = index + 1;
        checked++;
    }

    /** There is nothing up to, and without, {@code index}. */
    void checkGap(long index) {
        if (index < nextIndex) {
            throw new IllegalStateException("entry " + index + " comes after " + (nextIndex - 1));
        }
        for (long missing = nextIndex; missing < index; missing++) {
            if (!SoakEntry.isAborted(missing)) {
                throw new IllegalStateException("entry " + missing + " is missing");
            }
        }
    }

    private void checkNumber(long word, long index) {
        long number = SoakEntry.number(word);
        Long last = lastNumbers.put(SoakEntry.producer(word), number);
        if (last != null && number != last + 1) {
            throw new IllegalStateException(
                    "entry "
                            + index
                            + " is number "
                            + number
                            + " of producer "
                            + SoakEntry.producer(word)
                            + ", the one before is "
                            + last);
        }
    }

    long nextIndex() {
        return nextIndex;
    }

    /** Entries so far. */
    long checked() {
        return checked;
    }
}
