package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The bytes of entries: 8 that say who made it and which it is, then text that is the same in all.
 * So each entry can be told from every other when it is read back. One object serves one thread.
 */
public final class EntryPattern {
    /** Shortest entry: its id and one byte. Also room for the id in hexadecimal, for text logs. */
    public static final int BYTES_MIN = 16;

    /** Most producers that ids can tell apart. */
    public static final int PRODUCERS_MAX = 1 << 16;

    static final int ID_BYTES = Long.BYTES;
    private static final int SEQUENCE_BITS = 40;
    private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;

    private final byte[] bytes;
    private final UnsafeBuffer buffer;
    private final long producerBits;
    private long sequence = -1;

    /** Entries of {@code entryBytes} by {@code producer}. */
    public EntryPattern(int entryBytes, int producer) {
        bytes = new byte[entryBytes];
        for (int i = ID_BYTES; i < entryBytes; i++) {
            bytes[i] = filler(i);
        }
        buffer = new UnsafeBuffer(bytes);
        producerBits = (long) producer << SEQUENCE_BITS;
    }

    /** The letter every entry has at {@code offset}, from 8 on. */
    static byte filler(int offset) {
        return (byte) ('a' + offset * 7 % 26);
    }

    /** Turns {@link #buffer} into the next entry. */
    public void next() {
        buffer.putLong(0, producerBits | ++sequence, ByteOrder.LITTLE_ENDIAN);
    }

    /** Turns {@link #buffer} into the entry with {@code id}. */
    void set(long id) {
        buffer.putLong(0, id, ByteOrder.LITTLE_ENDIAN);
    }

    /** The entry, over {@link #bytes}. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** The entry. */
    public byte[] bytes() {
        return bytes;
    }

    /** The entry's id. */
    public long id() {
        return producerBits | sequence;
    }

    static int producerOf(long id) {
        return (int) (id >>> SEQUENCE_BITS);
    }

    static long sequenceOf(long id) {
        return id & SEQUENCE_MASK;
    }

    /** Whether what follows the id in {@code entry} is as it was made. */
    boolean hasFiller(byte[] entry) {
        return Arrays.equals(entry, ID_BYTES, entry.length, bytes, ID_BYTES, bytes.length);
    }
}
