package org.sluice.appender;

/**
 * Something behind a hole that makes damage of every hole before it where one of the entries named
 * is missing: it was written only once these were durable, or it may be one of them.
 *
 * @param number of the segment where it stands
 * @param position where in that segment
 * @param lastIndex the last entry proven
 * @param words what it is, a part of a sentence
 */
record HoleProof(long number, long position, long lastIndex, String words) {

    /** Whether entry {@code index}, missing at a hole, was durable. */
    boolean covers(long holeNumber, long holePosition, long index) {
        boolean isBehind = number == holeNumber ? position > holePosition : number > holeNumber;
        return isBehind && index <= lastIndex;
    }
}
