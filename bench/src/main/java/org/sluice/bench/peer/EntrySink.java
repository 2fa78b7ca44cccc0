package org.sluice.bench.peer;

import org.agrona.DirectBuffer;

/** Takes entries that are read back. */
@FunctionalInterface
public interface EntrySink {
    /** One entry; the bytes are valid during the call only. */
    void onEntry(DirectBuffer buffer, int offset, int length);
}
