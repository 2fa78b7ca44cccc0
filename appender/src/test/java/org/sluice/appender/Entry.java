package org.sluice.appender;

import java.util.Arrays;

/** An entry as a test remembers it, or found it; equal if index and bytes are. */
final class Entry {
    private final long index;
    private final byte[] bytes;

    Entry(long index, byte[] bytes) {
        this.index = index;
        this.bytes = bytes;
    }

    long index() {
        return index;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Bytes that only the entry of this producer and number has. */
    static byte[] payload(int producer, long number, int length) {
        byte[] bytes = new byte[length];
        long word = (producer + 1) * 0x9E37_79B9_7F4A_7C15L + number * 0xC2B2_AE3D_27D4_EB4FL;
        for (int i = 0; i < length; i++) {
            if (i % Long.BYTES == 0) {
                word = word * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            }
            bytes[i] = (byte) (word >>> (i % Long.BYTES * Byte.SIZE));
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry entry
                && index == entry.index
                && Arrays.equals(bytes, entry.bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index) * 31 + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        String shown = bytes.length <= 16 ? Arrays.toString(bytes) : bytes.length + " bytes";
        return index + ": " + shown;
    }
}
