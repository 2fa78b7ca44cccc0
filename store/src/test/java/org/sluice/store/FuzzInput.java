package org.sluice.store;

/** Bytes of a fuzzer, read one operand after the other; behind their end are zeros. */
final class FuzzInput {
    private static final long[] EDGES = {
        0,
        1,
        -1,
        -2,
        7,
        8,
        47,
        48,
        49,
        56,
        511,
        512,
        4_095,
        4_096,
        4_097,
        61_440,
        65_535,
        65_536,
        131_072,
        64 << 20,
        (64 << 20) + 1,
        Integer.MAX_VALUE - 7,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xFFFF_FFFFL,
        1L << 40,
        (1L << 40) + 1,
        Long.MAX_VALUE - 8,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final int NEAR = 64;
    private static final int NEAR_ZERO = 96;
    private static final int ANY = 128;

    private final byte[] bytes;
    private int at;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    /** 0 to 255. */
    int next() {
        return hasMore() ? bytes[at++] & 0xFF : 0;
    }

    /** 0 to 65,535. */
    int nextShort() {
        return next() | next() << Byte.SIZE;
    }

    /** A number that may matter where {@code old} stands: an edge, one near it, or any. */
    long value(long old) {
        int how = next();
        if (how < NEAR) {
            return EDGES[how % EDGES.length];
        }
        return how < ANY ? old + how - NEAR_ZERO : nextLong();
    }

    private long nextLong() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            value |= (long) next() << shift;
        }
        return value;
    }
}
