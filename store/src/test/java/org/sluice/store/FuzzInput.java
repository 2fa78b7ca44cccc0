package org.sluice.store;

/** Bytes of a fuzzer, read one operand after the other; behind their end are zeros. */
final class FuzzInput {
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
            return EdgeNumbers.at(how);
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
