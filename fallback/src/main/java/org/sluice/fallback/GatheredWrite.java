package org.sluice.fallback;

import org.sluice.store.FileFaults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Writes of one file, each beginning where the one before ends, carried out as one. Used as {@code
 * start, join…, write, forced}, over and over; allocates nothing unless a write fails.
 */
final class GatheredWrite {
    private final Submission[] submissions;
    private final ByteBuffer[] buffers;
    private final int alignBytes;

    /**
     * Per block of the pool, the round it last joined: one buffer can't have two places in a write.
     */
    private final long[] roundOfBlock;

    private long round;
    private int count;
    private boolean mustForce;

    /**
     * @param capacity most writes gathered
     * @param alignBytes what positions must be multiples of, also after a short write
     * @param blockCount blocks in the pool
     */
    GatheredWrite(int capacity, int alignBytes, int blockCount) {
        this.submissions = new Submission[capacity];
        this.buffers = new ByteBuffer[capacity];
        this.alignBytes = alignBytes;
        this.roundOfBlock = new long[blockCount];
    }

    /** Forgets the writes before. */
    void start() {
        round++;
        count = 0;
    }

    /** Takes {@code next} in, if it is a write that goes on where the last one taken in ends. */
    boolean join(Submission next) {
        if (next.kind != Submission.Kind.WRITE || roundOfBlock[next.block.index()] == round) {
            return false;
        }
        if (count > 0) {
            Submission last = submissions[count - 1];
            if (next.file != last.file || next.position != last.endPosition()) {
                return false;
            }
        }
        roundOfBlock[next.block.index()] = round;
        submissions[count] = next;
        buffers[count] = next.block.byteBuffer();
        count++;
        return true;
    }

    /** Writes until all is written or something fails, and gives each submission its result. */
    void write() {
        long start = submissions[0].position;
        long total = submissions[count - 1].endPosition() - start;
        ChannelFile file = submissions[0].file;
        long done = 0;
        int errno = 0;
        try {
            while (done < total) {
                long progress = writeFrom(file.channel(), start, done);
                // A short write of a file opened for O_DIRECT may end where none may begin.
                long next = (done + progress) & -alignBytes;
                if (next <= done) {
                    throw new IOException("a write made no progress");
                }
                done = next;
            }
        } catch (IOException e) {
            errno = FileFaults.writeErrno(e, file.path(), total - done);
        }
        conclude(start + done, errno);
    }

    /** Whether a submission that was written asked for more. */
    boolean mustForce() {
        return mustForce;
    }

    /** Tells the submissions that asked for it what became of the sync: 0 or a negated errno. */
    void forced(int result) {
        for (int i = 0; i < count; i++) {
            Submission submission = submissions[i];
            if (submission.durable && submission.result >= 0 && result < 0) {
                submission.result = result;
            }
        }
    }

    private long writeFrom(FileChannel channel, long start, long done) throws IOException {
        int first = aim(start + done);
        if (first == count - 1) {
            return channel.write(buffers[first], start + done);
        }
        channel.position(start + done);
        return channel.write(buffers, first, count - first);
    }

    /**
     * Sets all buffers for a write from {@code position} on and returns the first with bytes left.
     */
    private int aim(long position) {
        int first = 0;
        for (int i = 0; i < count; i++) {
            Submission submission = submissions[i];
            long written = Math.clamp(position - submission.position, 0, submission.length);
            buffers[i]
                    .clear()
                    .limit(submission.offset + submission.length)
                    .position(submission.offset + (int) written);
            if (written == submission.length) {
                first = i + 1;
            }
        }
        return first;
    }

    private void conclude(long endPosition, int errno) {
        mustForce = false;
        for (int i = 0; i < count; i++) {
            Submission submission = submissions[i];
            boolean whole = submission.endPosition() <= endPosition;
            submission.result = whole ? submission.length : -errno;
            mustForce |= whole && submission.durable;
        }
        assert errno != 0 || submissions[count - 1].endPosition() == endPosition;
    }
}
