package org.sluice.appender;

import org.agrona.DirectBuffer;

/** Receives entries from a {@link LogReader}, on the thread that called it. */
@FunctionalInterface
public interface EntryHandler {
    /**
     * One entry. Its checksum was verified before this call.
     *
     * @param buffer holds the payload; valid, and unchanged, only during this call
     * @param offset of the payload's first byte
     * @param length of the payload in bytes, 0 and up
     * @param index of the entry
     * @param timestampNs wall clock of the batch that carried it, ns since 1970
     */
    void onEntry(DirectBuffer buffer, int offset, int length, long index, long timestampNs);
}
