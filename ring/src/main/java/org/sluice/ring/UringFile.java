package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.Backend;
import org.sluice.store.Errno;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A file behind a ring. The kernel holds its own reference to a file that operations are in flight
 * on, so nothing can close one under them.
 */
final class UringFile implements AsyncFile {
    /** No descriptor, or no slot. */
    static final int NONE = -1;

    private final UringIo io;
    private final Path path;
    private final int slot;
    private final boolean direct;
    private int fd;

    /** A second, buffered descriptor for reads that O_DIRECT would refuse; opened at the first. */
    private int bufferedFd = NONE;

    /**
     * @param fd an open descriptor, which is closed with this file
     * @param slot where it is registered, or {@link #NONE}
     * @param direct whether it is open with O_DIRECT
     */
    UringFile(UringIo io, Path path, int fd, int slot, boolean direct) {
        this.io = io;
        this.path = path;
        this.fd = fd;
        this.slot = slot;
        this.direct = direct;
    }

    @Override
    public boolean writeAt(
            long position, AlignedBlock block, int offset, int length, Reach reach, long tag) {
        checkRange(position, block, offset, length);
        if (((position | offset | length) & (io.alignBytes() - 1)) != 0) {
            throw new IllegalArgumentException(
                    "not aligned to %d: position %d, offset %d, length %d"
                            .formatted(io.alignBytes(), position, offset, length));
        }
        return io.write(this, position, block, offset, length, reach == Reach.DURABLE, tag);
    }

    @Override
    public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
        checkRange(position, block, offset, length);
        boolean buffered = direct && ((position | offset | length) & (io.alignBytes() - 1)) != 0;
        if (buffered && bufferedFd == NONE) {
            bufferedFd = UringIo.openDescriptor(path, Libc.O_RDONLY);
        }
        return io.read(this, position, block, offset, length, buffered, tag);
    }

    @Override
    public boolean sync(long tag) {
        checkOpen();
        return io.sync(this, tag);
    }

    @Override
    public long size() {
        checkOpen();
        long bytes = Libc.size(fd);
        if (bytes < 0) {
            throw Errno.exception((int) -bytes, "ask for the size of", path);
        }
        return bytes;
    }

    @Override
    public Backend backend() {
        return Backend.URING;
    }

    @Override
    public void close() {
        if (fd == NONE) {
            return;
        }
        int closing = fd;
        fd = NONE;
        io.forget(this);
        int result = Libc.close(closing);
        if (bufferedFd != NONE) {
            Libc.close(bufferedFd);
            bufferedFd = NONE;
        }
        if (result < 0 && result != -Errno.EINTR) {
            throw Errno.exception(-result, "close", path);
        }
    }

    /** Whether it was closed. */
    boolean isClosed() {
        return fd == NONE;
    }

    /** Where it is registered, or {@link #NONE}. */
    int slot() {
        return slot;
    }

    /** What an SQE names the file by. */
    int sqeFd(boolean buffered) {
        if (buffered) {
            return bufferedFd;
        }
        return slot == NONE ? fd : slot;
    }

    /** How an SQE names the file. */
    int sqeFlags(boolean buffered) {
        return buffered || slot == NONE ? 0 : UringAbi.SQE_FIXED_FILE;
    }

    /** Whether what moves must keep to the alignment. */
    boolean isDirect(boolean buffered) {
        return direct && !buffered;
    }

    /** fdatasync(2) on the calling thread. */
    int syncNow() {
        int result = Libc.fdatasync(fd);
        for (int i = 0; i < Outcome.RETRIES_MAX && result == -Errno.EINTR; i++) {
            result = Libc.fdatasync(fd);
        }
        return result;
    }

    private void checkRange(long position, AlignedBlock block, int offset, int length) {
        checkOpen();
        if (position < 0 || length < 1) {
            throw new IllegalArgumentException(
                    "position " + position + " or length " + length + " is out of range");
        }
        Objects.checkFromIndexSize(offset, length, block.bytes());
    }

    private void checkOpen() {
        if (fd == NONE) {
            throw new AppendException(
                    AppendException.Code.CLOSED, path + " was closed", path, null);
        }
    }
}
