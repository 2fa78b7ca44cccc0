package org.sluice.cli;

import org.agrona.DirectBuffer;

import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Buffered standard output: bytes of entries, and text. Whoever writes to it flushes it where
 * someone may be waiting; at the end {@link Main} does. One thread.
 */
final class StandardOutput {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final WritableByteChannel channel;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    StandardOutput(WritableByteChannel channel) {
        this.channel = channel;
    }

    /** Part of {@code source}, as it is. */
    void put(DirectBuffer source, int offset, int length) {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int count = Math.min(left, buffer.remaining());
            source.getBytes(at, buffer, count);
            at += count;
            left -= count;
        }
    }

    void put(byte value) {
        if (!buffer.hasRemaining()) {
            flush();
        }
        buffer.put(value);
    }

    /** Four bytes, little-endian. */
    void putInt(int value) {
        if (buffer.remaining() < Integer.BYTES) {
            flush();
        }
        buffer.putInt(value);
    }

    /** A number in decimal digits, without making a string of it. */
    void putDecimal(long value) {
        assert value >= 0 : value;
        long scale = 1;
        while (value / scale >= 10) {
            scale *= 10;
        }
        for (; scale > 0; scale /= 10) {
            put((byte) ('0' + value / scale % 10));
        }
    }

    void print(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (byte value : bytes) {
            put(value);
        }
    }

    void println(String text) {
        print(text);
        put((byte) '\n');
    }

    /** Hands over what is buffered. */
    void flush() {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw new OutputException(e);
        } finally {
            // What could not be written has no second chance.
            buffer.clear();
        }
    }

    /**
     * For text that others make, as help. What they flush waits for {@link Main} to flush, which
     * can tell it where that fails.
     */
    Writer asWriter() {
        return new Writer() {
            @Override
            public void write(char[] text, int offset, int length) {
                print(new String(text, offset, length));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
