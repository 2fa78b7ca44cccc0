package org.sluice.cli;

/**
 * Entries are lines, ended by a line feed that is not part of the entry; a last one may lack it.
 */
final class LineFormat implements EntryFormat {
    private final int entryBytesMax;
    private long lineNumber;
    private int scannedBytes;
    private int offset;
    private int length;
    private int next;

    LineFormat(int entryBytesMax) {
        this.entryBytesMax = entryBytesMax;
    }

    @Override
    public boolean find(byte[] bytes, int start, int end) {
        for (int at = start + scannedBytes; at < end; at++) {
            if (bytes[at] == '\n') {
                found(start, at - start);
                next = at + 1;
                return true;
            }
        }
        scannedBytes = end - start;
        checkLength(scannedBytes);
        return false;
    }

    @Override
    public boolean findUnended(int start, int end) {
        if (start == end) {
            return false;
        }
        found(start, end - start);
        next = end;
        return true;
    }

    private void found(int start, int bytes) {
        checkLength(bytes);
        lineNumber++;
        scannedBytes = 0;
        offset = start;
        length = bytes;
    }

    private void checkLength(int bytes) {
        if (bytes > entryBytesMax) {
            throw new InputException(
                    "line "
                            + (lineNumber + 1)
                            + " is longer than "
                            + entryBytesMax
                            + " bytes; those before it were appended"
                            + " (--max-entry-bytes allows more)");
        }
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
        return next;
    }

    @Override
    public int formatBytesMax(int bytes) {
        return bytes + 1;
    }
}
