package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AsyncFile;
import org.sluice.store.Backend;
import org.sluice.store.Errno;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A file behind a ring.
 *
 * <p><b>Thread.</b> Its engine's.
 */
final class UringFile implements AsyncFile {
    /** No descriptor, or no slot. */
    static final int NONE = -1;

    private final UringIo io;
    private final Path path;
    private final int slot;
    private final boolean direct;
    private int fd;
    private int inFlight;

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
        return io.write(this, position, block, offset, length, reach == Reach.DURABLE, tag);
    }

    @Override
    public boolean writeAwaited(
            long position, AlignedBlock block, int offset, int length, long tag) {
        checkRange(position, block, offset, length);
        return io.writeAwaited(this, position, block, offset, length, tag);
    }

    @Override
    public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
        checkRange(position, block, offset, length);
        return io.read(this, position, block, offset, length, tag);
    }

    @Override
    public boolean sync(long tag) {
        checkOpen();
        return io.sync(this, false, tag);
    }

    @Override
    public boolean syncBehind(long tag) {
        checkOpen();
        return io.sync(this, true, tag);
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
        if (inFlight > 0) {
            throw new IllegalStateException(
                    inFlight + " operations are in flight on " + path + ", so it can't be closed");
        }
        closeNow();
    }

    /**
     * Closes it in any state: the kernel has a reference of its own to a file that operations are
     * in flight on.
     */
    void closeNow() {
        int closing = fd;
        fd = NONE;
        io.forget(this);
        int result = Libc.close(closing);
        if (result < 0 && result != -Errno.EINTR) {
            throw Errno.exception(-result, "close", path);
        }
    }

    /** An operation on this file was accepted. */
    void began() {
        inFlight++;
    }

    /** An operation on this file was handed out. */
    void ended() {
        inFlight--;
    }

    /** Where it is registered, or {@link #NONE}. */
    int slot() {
        return slot;
    }

    /** What an SQE names the file by. */
    int sqeFd() {
        return slot == NONE ? fd : slot;
    }

    /** How an SQE names the file. */
    int sqeFlags() {
        return slot == NONE ? 0 : UringAbi.SQE_FIXED_FILE;
    }

    /** Whether what moves must keep to the alignment. */
    boolean isDirect() {
        return direct;
    }

    /** pwrite(2) on the calling thread: bytes written, or a negated error number. */
    int writeNow(long position, long address, int length) {
        return (int) Libc.pwrite(fd, address, length, position);
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
        Objects.checkFromIndexSize(offset, length, block.bytes());
        boolean aligned = ((position | offset | length) & (io.alignBytes() - 1)) == 0;
        if (position < 0 || length == 0 || !aligned) {
            throw new IllegalArgumentException(
                    "position %d, offset %d and length %d must be positive multiples of %d"
                            .formatted(position, offset, length, io.alignBytes()));
        }
    }

    private void checkOpen() {
        if (fd == NONE) {
            throw new IllegalStateException(path + " was closed");
        }
    }
}
