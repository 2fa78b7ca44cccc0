package org.sluice.cli;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.nio.ByteOrder;

/**
 * A made-up order as {@code demo} journals it, little-endian:
 *
 * <pre>
 *     0            4            8                        16
 *    +------------+------------+------------------------+
 *    | thread     | quantity   | sequence in the thread |
 *    +------------+------------+------------------------+ 32
 *    | price, in 1/10000       | symbol, 8 letters      |
 *    +-------------------------+------------------------+
 *    | note: 64 to 191 bytes, all alike, that follow    |
 *    | from the sequence                                |
 *    +--------------------------------------------------+
 * </pre>
 */
final class OrderRecord {
    static final int NOTE_OFFSET = 32;

    private static final int NOTE_BYTES_MIN = 64;
    private static final int NOTE_BYTES_MASK = 127;
    private static final int QUANTITY_OFFSET = 4;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int PRICE_OFFSET = 16;
    private static final int SYMBOL_OFFSET = 24;

    // Eight letters each, read as little-endian longs.
    private static final long[] SYMBOLS = {
        symbol("COPPER  "), symbol("ALUMINIU"), symbol("NICKEL  "), symbol("ZINC    ")
    };

    private OrderRecord() {}

    private static long symbol(String letters) {
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = (value << Byte.SIZE) | letters.charAt(i);
        }
        return value;
    }

    /** Bytes of the order with this sequence: they differ from order to order. */
    static int bytes(long sequence) {
        return NOTE_OFFSET + NOTE_BYTES_MIN + (int) (mixed(sequence) & NOTE_BYTES_MASK);
    }

    /** Writes the order with this sequence over {@code buffer} from 0. */
    static void encode(MutableDirectBuffer buffer, int thread, long sequence, long price) {
        long mixed = mixed(sequence);
        buffer.putInt(0, thread, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(QUANTITY_OFFSET, 1 + (int) (mixed >>> 56), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(SEQUENCE_OFFSET, sequence, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(PRICE_OFFSET, price, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(SYMBOL_OFFSET, SYMBOLS[(int) (mixed >>> 8) & 3], ByteOrder.LITTLE_ENDIAN);
        buffer.setMemory(NOTE_OFFSET, bytes(sequence) - NOTE_OFFSET, (byte) mixed);
    }

    static int thread(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN);
    }

    static long sequence(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + SEQUENCE_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether the order is as {@link #encode} made it, to the last byte of its note. */
    static boolean isIntact(DirectBuffer buffer, int offset, int length) {
        if (length < NOTE_OFFSET || length != bytes(sequence(buffer, offset))) {
            return false;
        }
        byte expected = (byte) mixed(sequence(buffer, offset));
        for (int i = NOTE_OFFSET; i < length; i++) {
            if (buffer.getByte(offset + i) != expected) {
                return false;
            }
        }
        return true;
    }

    /** Spreads a sequence over 64 bits: a multiplication by 2^64 over the golden ratio. */
    private static long mixed(long sequence) {
        return ((sequence + 1) * 0x9E37_79B9_7F4A_7C15L) >>> 1;
    }
}
