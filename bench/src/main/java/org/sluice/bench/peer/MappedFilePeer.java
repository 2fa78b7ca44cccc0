package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A mapped file: a lock, windows of 64 MiB mapped as they are needed, entries copied straight into
 * them; durable by forcing what was touched since, shared among those who wait.
 */
final class MappedFilePeer implements Peer, Appender {
    private static final int WINDOW_BYTES = 64 << 20;

    private final Path file;
    private final FileChannel channel;
    private final SharedForce shared = new SharedForce();

    /** Guards what is below. */
    private final Object lock = new Object();

    private final List<MappedByteBuffer> unforced = new ArrayList<>();
    private MappedByteBuffer window;
    private long windowPosition;
    private long appended;

    MappedFilePeer(Path directory) throws IOException {
        Files.createDirectories(directory);
        file = directory.resolve("log");
        channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        map(0);
    }

    private void map(long position) throws IOException {
        window = channel.map(MapMode.READ_WRITE, position, WINDOW_BYTES);
        window.order(ByteOrder.LITTLE_ENDIAN);
        windowPosition = position;
        unforced.add(window);
    }

    @Override
    public Appender appender(int producer) {
        return this;
    }

    @Override
    public long append(EntryPattern entry) throws IOException {
        byte[] bytes = entry.bytes();
        synchronized (lock) {
            if (window.remaining() < Integer.BYTES + bytes.length) {
                map(windowPosition + window.position());
            }
            window.putInt(bytes.length).put(bytes);
            return ++appended;
        }
    }

    @Override
    public void awaitDurable(long ticket) throws IOException {
        shared.await(ticket, this::force);
    }

    private long force() {
        long reached;
        List<MappedByteBuffer> touched;
        synchronized (lock) {
            reached = appended;
            touched = List.copyOf(unforced);
            unforced.clear();
            unforced.add(window);
        }
        for (MappedByteBuffer buffer : touched) {
            buffer.force(0, buffer.position());
        }
        return reached;
    }

    @Override
    public void sync() throws IOException {
        awaitDurable(Long.MAX_VALUE);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            channel.truncate(windowPosition + window.position());
        }
    }

    @Override
    public Replayer replayer() {
        return this::replay;
    }

    private void replay(EntrySink sink) throws IOException {
        try (FileChannel source = FileChannel.open(file)) {
            long position = 0;
            while (position < source.size()) {
                long length = Math.min(WINDOW_BYTES, source.size() - position);
                ByteBuffer chunk = source.map(MapMode.READ_ONLY, position, length);
                chunk.order(ByteOrder.LITTLE_ENDIAN);
                Frames.deliver(chunk, new UnsafeBuffer(chunk), sink);
                if (chunk.position() == 0) {
                    throw new IllegalStateException("the file ends within an entry");
                }
                position += chunk.position();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public long diskBytes() throws IOException {
        return Files.size(file);
    }
}
