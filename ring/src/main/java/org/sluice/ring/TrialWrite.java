package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;

import java.nio.file.Path;

/**
 * One write and one read through a ring in a log's directory: the proof that all that was probed
 * works together. Runs on the probing thread, which waits for it.
 */
final class TrialWrite {
    private static final int BLOCK_BYTES = AlignedBlockPool.PAGE_BYTES;
    private static final byte PATTERN = (byte) 0xa5;
    private static final int NO_ANSWER = -Errno.ETIME;
    private static final long TIMEOUT_NS = 10_000_000_000L;
    private static final int WAITS_MAX = 100;

    private final Ring ring;
    private final boolean registered;

    /**
     * @param registered whether the blocks given to {@link #run} are registered with the ring
     */
    TrialWrite(Ring ring, boolean registered) {
        this.ring = ring;
        this.registered = registered;
    }

    /**
     * Writes a page of {@code source} to a scratch file and reads it back into {@code target}.
     *
     * @param direct through O_DIRECT
     */
    Support run(Path directory, boolean direct, AlignedBlock source, AlignedBlock target) {
        int fd = ScratchFile.open(directory, direct ? Libc.O_DIRECT : 0);
        if (fd < 0 && Errno.isDiskFull(-fd)) {
            return Support.yesOnFullDisk();
        }
        if (fd < 0) {
            return Support.no("a trial file failed: " + Errno.sentence(-fd), "");
        }
        try {
            return run(fd, source, target);
        } finally {
            Libc.close(fd);
        }
    }

    private Support run(int fd, AlignedBlock source, AlignedBlock target) {
        source.buffer().setMemory(0, BLOCK_BYTES, PATTERN);
        target.buffer().setMemory(0, BLOCK_BYTES, (byte) 0);
        int written = perform(registered ? UringAbi.OP_WRITE_FIXED : UringAbi.OP_WRITE, fd, source);
        if (written < 0 && Errno.isDiskFull(-written)) {
            return Support.yesOnFullDisk();
        }
        if (written != BLOCK_BYTES) {
            return failure("write", written);
        }
        int read = perform(registered ? UringAbi.OP_READ_FIXED : UringAbi.OP_READ, fd, target);
        if (read != BLOCK_BYTES) {
            return failure("read", read);
        }
        if (target.buffer().compareTo(source.buffer()) != 0) {
            return Support.no("a trial read brought other bytes than were written", "");
        }
        return Support.yes();
    }

    /** Runs one operation and waits for its result. */
    private int perform(int opcode, int fd, AlignedBlock block) {
        ring.submissions()
                .put(
                        opcode,
                        0,
                        fd,
                        0,
                        block.address(),
                        BLOCK_BYTES,
                        0,
                        block.index(),
                        block.index());
        ring.submissions().publish();
        for (int i = 0; i < WAITS_MAX && ring.completions().ready() == 0; i++) {
            int entered =
                    ring.enterAndWait(ring.submissions().unsubmitted(), 0, TIMEOUT_NS / WAITS_MAX);
            if (entered < 0 && entered != -Errno.EINTR && entered != NO_ANSWER) {
                // The kernel may have taken it in an earlier turn.
                AbandonedMemory.keep(block);
                return entered;
            }
        }
        if (ring.completions().ready() == 0) {
            AbandonedMemory.keep(block);
            return NO_ANSWER;
        }
        int result = ring.completions().result();
        ring.completions().advance();
        return result;
    }

    private static Support failure(String operation, int result) {
        String what = result < 0 ? Errno.sentence(-result) : "it ended after " + result + " bytes";
        return Support.no("a trial " + operation + " failed: " + what, "");
    }
}
