package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/** The format of the two plain files: each entry a 4-byte length and its bytes. */
final class Frames {
    private Frames() {}

    /** Hands over the whole entries in {@code chunk}, whose position moves behind them. */
    static void deliver(ByteBuffer chunk, UnsafeBuffer view, EntrySink sink) {
        while (chunk.remaining() >= Integer.BYTES) {
            int position = chunk.position();
            int length = chunk.getInt(position);
            if (length <= 0 || length > chunk.capacity() - Integer.BYTES) {
                throw new IllegalStateException("an entry of " + length + " bytes in the file");
            }
            if (chunk.remaining() < Integer.BYTES + length) {
                return;
            }
            sink.onEntry(view, position + Integer.BYTES, length);
            chunk.position(position + Integer.BYTES + length);
        }
    }
}
