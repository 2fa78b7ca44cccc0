package org.sluice.cli;

import org.agrona.DirectBuffer;

/** Entries as {@link LengthPrefixedFormat} reads them. */
final class LengthPrefixedPrinter implements EntryPrinter {
    private final StandardOutput out;

    LengthPrefixedPrinter(StandardOutput out) {
        this.out = out;
    }

    @Override
    public void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs) {
        out.putInt(length);
        out.put(buffer, offset, length);
    }
}
