package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What one writes first: a lock, a buffer of 64 KiB or one entry, a FileChannel; each entry a
 * 4-byte length and its bytes. Durable: one of those who wait forces for all: {@link SharedForce}.
 */
final class BufferedFilePeer implements Peer, Appender {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path file;
    private final FileChannel channel;
    private final int frameBytes;

    /** Guards what is below. */
    private final Object lock = new Object();

    private final SharedForce shared = new SharedForce();

    private final ByteBuffer buffer;
    private long appended;

    BufferedFilePeer(Path directory, Workload workload) throws IOException {
        Files.createDirectories(directory);
        file = directory.resolve("log");
        frameBytes = Integer.BYTES + workload.entryBytes();
        buffer = ByteBuffer.allocateDirect(Math.max(BUFFER_BYTES, frameBytes));
        buffer.order(ByteOrder.LITTLE_ENDIAN);
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public Appender appender(int producer) {
        return this;
    }

    @Override
    public long append(EntryPattern entry) throws IOException {
        byte[] bytes = entry.bytes();
        synchronized (lock) {
            if (buffer.remaining() < Integer.BYTES + bytes.length) {
                flush();
            }
            buffer.putInt(bytes.length).put(bytes);
            return ++appended;
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    @Override
    public void awaitDurable(long ticket) throws IOException {
        shared.await(ticket, this::force);
    }

    private long force() throws IOException {
        long flushed;
        synchronized (lock) {
            flush();
            flushed = appended;
        }
        channel.force(false);
        return flushed;
    }

    @Override
    public void sync() throws IOException {
        awaitDurable(Long.MAX_VALUE);
    }

    @Override
    public void close() throws IOException {
        synchronized (lock) {
            flush();
        }
        channel.close();
    }

    @Override
    public Replayer replayer() {
        return this::replay;
    }

    private void replay(EntrySink sink) throws IOException {
        try (FileChannel source = FileChannel.open(file)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(4 * buffer.capacity());
            chunk.order(ByteOrder.LITTLE_ENDIAN);
            UnsafeBuffer view = new UnsafeBuffer(chunk);
            while (source.read(chunk) >= 0) {
                chunk.flip();
                Frames.deliver(chunk, view, sink);
                chunk.compact();
            }
            if (chunk.position() != 0) {
                throw new IllegalStateException("the file ends within an entry");
            }
        }
    }

    /** All entries have one length, so their places are known without an index. */
    @Override
    public RandomReader randomReader() throws IOException {
        FileChannel source = FileChannel.open(file);
        ByteBuffer frame = ByteBuffer.allocateDirect(frameBytes).order(ByteOrder.LITTLE_ENDIAN);
        UnsafeBuffer view = new UnsafeBuffer(frame);
        return new RandomReader() {
            @Override
            public void read(long[] indexes, EntrySink sink) {
                for (long index : indexes) {
                    try {
                        frame.clear();
                        source.read(frame, index * frameBytes);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    sink.onEntry(view, Integer.BYTES, frameBytes - Integer.BYTES);
                }
            }

            @Override
            public void close() throws IOException {
                source.close();
            }
        };
    }

    @Override
    public long diskBytes() throws IOException {
        return Files.size(file);
    }
}
