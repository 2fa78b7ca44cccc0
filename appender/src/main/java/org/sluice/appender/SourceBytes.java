package org.sluice.appender;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.nio.ByteBuffer;

/**
 * What {@link AppendLog} copies entries from: a byte array, a ByteBuffer or a DirectBuffer. Where
 * the caller's method is compiled, the kind is known and nothing is asked.
 */
final class SourceBytes {
    private SourceBytes() {}

    /**
     * Copies {@code length} bytes, both ends checked by the caller.
     *
     * @param offset in {@code source}; of a ByteBuffer absolute
     */
    static void copy(
            Object source, int offset, MutableDirectBuffer target, int targetOffset, int length) {
        if (source instanceof byte[] array) {
            target.putBytes(targetOffset, array, offset, length);
        } else if (source instanceof ByteBuffer buffer) {
            target.putBytes(targetOffset, buffer, offset, length);
        } else {
            target.putBytes(targetOffset, (DirectBuffer) source, offset, length);
        }
    }
}
