package org.sluice.cli;

/** Each entry follows its length, four bytes, little-endian. */
final class LengthPrefixedFormat implements EntryFormat {
    private final int entryBytesMax;
    private long entryNumber;
    private int offset;
    private int length;

    LengthPrefixedFormat(int entryBytesMax) {
        this.entryBytesMax = entryBytesMax;
    }

    @Override
    public boolean find(byte[] bytes, int start, int end) {
        if (end - start < Integer.BYTES) {
            return false;
        }
        int stored = intAt(bytes, start);
        if (stored < 0 || stored > entryBytesMax) {
            throw new InputException(
                    "entry "
                            + (entryNumber + 1)
                            + " of the input says it has "
                            + Integer.toUnsignedString(stored)
                            + " bytes, and "
                            + entryBytesMax
                            + " are allowed; those before it were appended"
                            + " (--max-entry-bytes allows more)");
        }
        if (end - start - Integer.BYTES < stored) {
            return false;
        }
        entryNumber++;
        offset = start + Integer.BYTES;
        length = stored;
        return true;
    }

    private static int intAt(byte[] bytes, int offset) {
        return (bytes[offset] & 0xFF)
                | (bytes[offset + 1] & 0xFF) << 8
                | (bytes[offset + 2] & 0xFF) << 16
                | bytes[offset + 3] << 24;
    }

    @Override
    public boolean findUnended(int start, int end) {
        if (start == end) {
            return false;
        }
        throw new InputException(
                "the input ends inside its entry "
                        + (entryNumber + 1)
                        + ", "
                        + (end - start)
                        + " bytes after that began; those before it were appended");
    }

    @Override
    public int entryOffset() {
        return offset;
    }

    @Override
    public int entryLength() {
        return length;
    }

    @Override
    public int nextOffset() {
        return offset + length;
    }

    @Override
    public int formatBytesMax(int bytes) {
        return Integer.BYTES + bytes;
    }
}
