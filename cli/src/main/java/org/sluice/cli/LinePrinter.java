package org.sluice.cli;

import org.agrona.DirectBuffer;

/**
 * Entries as lines. The line feed after an entry is written with the next one, or by {@link
 * #endEntry}: only then is it known whether the entry has one.
 */
final class LinePrinter implements EntryPrinter {
    private final StandardOutput out;
    private final boolean isWithIndex;
    private boolean isLineOpen;

    /**
     * @param isWithIndex whether each entry follows its index and a tab
     */
    LinePrinter(StandardOutput out, boolean isWithIndex) {
        this.out = out;
        this.isWithIndex = isWithIndex;
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        endEntry();
        if (isWithIndex) {
            out.putDecimal(index);
            out.put((byte) '\t');
        }
        out.put(buffer, offset, length);
        isLineOpen = true;
    }

    @Override
    public void endEntry() {
        if (isLineOpen) {
            isLineOpen = false;
            out.put((byte) '\n');
        }
    }
}
