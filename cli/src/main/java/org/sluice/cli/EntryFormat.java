package org.sluice.cli;

/**
 * How entries stand in a stream of bytes, one after the other. Keeps its place in the entry that is
 * being looked for, so that an entry that comes in pieces is looked through once. One thread.
 */
interface EntryFormat {
    /**
     * Looks for a whole entry at {@code start}.
     *
     * @param end where the bytes read so far end
     * @return false if there is none yet; call again when more is there
     * @throws InputException if the entry is longer than allowed
     */
    boolean find(byte[] bytes, int start, int end);

    /** Where the entry found begins. */
    int entryOffset();

    /** Bytes of the entry found. */
    int entryLength();

    /** Where the next one begins. */
    int nextOffset();

    /**
     * The input ended with {@code start} to {@code end} left over.
     *
     * @return whether that is an entry without an end of its own; then it is the one found
     * @throws InputException if it is only part of one
     */
    boolean findUnended(int start, int end);

    /** The most bytes one entry takes in this format, given the most bytes of an entry. */
    int formatBytesMax(int entryBytesMax);
}
