package org.sluice.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * A file of a {@link FileSystemDirectory}.
 *
 * <p>Design note: an interrupt closes the channel its target is inside of. Reads and writes name
 * their position and can be done twice, so here the channel is opened anew, the call repeated, and
 * the thread's interrupt flag set again afterwards. A sync can't be repeated: see {@link
 * Uninterrupted}.
 */
final class FileSystemFile implements StoreFile {
    private static final int ZEROS_BYTES = 1024 * 1024;

    private final Path path;
    private final Set<OpenOption> options;
    private final SpaceAllocator allocator;
    private FileChannel channel;

    /** Takes {@code channel} over; {@code options} open it again. */
    FileSystemFile(
            Path path, FileChannel channel, Set<OpenOption> options, SpaceAllocator allocator) {
        this.path = path;
        this.channel = channel;
        this.options = options;
        this.allocator = allocator;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        boolean interrupted = Thread.interrupted();
        int start = target.position();
        try {
            while (target.hasRemaining()) {
                try {
                    int count = channel.read(target, position + target.position() - start);
                    if (count <= 0) {
                        break;
                    }
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    reopen();
                } catch (IOException e) {
                    if (target.position() > start) {
                        // What came before is good; who wants more meets the fault there.
                        break;
                    }
                    throw FileFaults.ofRead(e, path, position);
                }
            }
            return target.position() - start;
        } catch (IOException e) {
            throw FileFaults.of(e, "open again", path);
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) {
        boolean interrupted = Thread.interrupted();
        int start = source.position();
        try {
            while (source.hasRemaining()) {
                try {
                    int count = channel.write(source, position + source.position() - start);
                    if (count <= 0) {
                        throw new IOException("a write made no progress");
                    }
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    reopen();
                }
            }
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "write to", path, source.remaining());
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public void truncate(long bytes) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    channel.truncate(bytes);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    reopen();
                }
            }
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "truncate", path, 0);
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public void allocate(long bytes, Preallocation how) {
        switch (how) {
            case SPARSE -> extend(bytes);
            case RESERVE -> {
                if (!allocator.reserve(path, bytes)) {
                    fill(bytes);
                }
            }
            case ZERO -> fill(bytes);
            case AUTO -> throw new IllegalArgumentException("AUTO is for the storage to resolve");
        }
    }

    /** The JDK can't set a greater size, but a byte written at the end makes one. */
    private void extend(long bytes) {
        if (size() < bytes) {
            write(ByteBuffer.allocate(1), bytes - 1);
        }
    }

    private void fill(long bytes) {
        long position = size();
        if (position >= bytes || allocator.zero(path, position, bytes)) {
            return;
        }
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, bytes - position));
        while (position < bytes) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - position));
            int length = zeros.remaining();
            write(zeros, position);
            position += length;
        }
    }

    @Override
    public void sync() {
        try {
            Uninterrupted.call(
                    () -> {
                        channel.force(true);
                        return null;
                    });
        } catch (IOException e) {
            throw FileFaults.of(e, "sync", path);
        }
    }

    @Override
    public void uncache() {
        allocator.uncache(path);
    }

    @Override
    public long size() {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return channel.size();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    reopen();
                }
            }
        } catch (IOException e) {
            throw FileFaults.of(e, "ask for the size of", path);
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileFaults.of(e, "close", path);
        }
    }

    private void reopen() throws IOException {
        Thread.interrupted();
        channel = FileChannel.open(path, options);
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
