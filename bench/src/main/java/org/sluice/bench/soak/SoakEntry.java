package org.sluice.bench.soak;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * The bytes of an entry, all of which follow from its first word and its length:
 *
 * <pre>
 *     0               8       12      16
 *    +---------------+-------+-------+------- … ------+
 *    | word          | length| 0     | of both        |
 *    +---------------+-------+-------+------- … ------+
 * </pre>
 *
 * <p>The word of an entry that was written in place is its index. An entry that is copied has none
 * yet when it is made: its word names its producer and its number there, with the highest bit set.
 */
final class SoakEntry {
    static final int BYTES_MIN = 16;
    static final int BYTES_MAX = 64 * 1024;

    /** Fit a slot, most of them. */
    static final int SLOT_BYTES = 256;

    private static final int MIDDLE_BYTES = 4 * 1024;
    private static final int NUMBER_BITS = 40;
    private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
    private static final long ABORTED_EVERY = 64;

    private SoakEntry() {}

    static int length(SplittableRandom random) {
        int kind = random.nextInt(32);
        int max = kind == 0 ? BYTES_MAX : kind < 6 ? MIDDLE_BYTES : SLOT_BYTES;
        return random.nextInt(BYTES_MIN, max + 1);
    }

    static long word(int producer, long number) {
        return Long.MIN_VALUE | (long) producer << NUMBER_BITS | number;
    }

    static boolean isCopied(long word) {
        return word < 0;
    }

    static int producer(long word) {
        return (int) ((word & Long.MAX_VALUE) >>> NUMBER_BITS);
    }

    static long number(long word) {
        return word & NUMBER_MASK;
    }

    /** Whether an entry written in place at {@code index} is given up instead of committed. */
    static boolean isAborted(long index) {
        return Math.floorMod(mixed(index), ABORTED_EVERY) == 0;
    }

    static void fill(MutableDirectBuffer buffer, int length, long word) {
        buffer.putLong(0, word, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(Long.BYTES, length, ByteOrder.LITTLE_ENDIAN);
        int offset = BYTES_MIN;
        for (; offset <= length - Long.BYTES; offset += Long.BYTES) {
            buffer.putLong(offset, mixed(word + offset), ByteOrder.LITTLE_ENDIAN);
        }
        for (; offset < length; offset++) {
            buffer.putByte(offset, (byte) mixed(word + offset));
        }
    }

    /** The word of an entry that is as it was made. */
    static long checkedWord(DirectBuffer buffer, int start, int length, long index) {
        if (length < BYTES_MIN) {
            throw damaged(index, "has " + length + " bytes");
        }
        long word = buffer.getLong(start, ByteOrder.LITTLE_ENDIAN);
        if (buffer.getLong(start + Long.BYTES, ByteOrder.LITTLE_ENDIAN) != length) {
            throw damaged(index, "has another length than it was given: " + length);
        }
        if (!isCopied(word) && word != index) {
            throw damaged(index, "is the one of index " + word);
        }
        int offset = BYTES_MIN;
        for (; offset <= length - Long.BYTES; offset += Long.BYTES) {
            check(
                    buffer.getLong(start + offset, ByteOrder.LITTLE_ENDIAN) == mixed(word + offset),
                    index,
                    offset);
        }
        for (; offset < length; offset++) {
            check(buffer.getByte(start + offset) == (byte) mixed(word + offset), index, offset);
        }
        return word;
    }

    private static void check(boolean isRight, long index, int offset) {
        if (!isRight) {
            throw damaged(index, "has a wrong byte at or behind " + offset);
        }
    }

    private static IllegalStateException damaged(long index, String how) {
        return new IllegalStateException("entry " + index + " " + how);
    }

    /** The last step of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static long mixed(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
