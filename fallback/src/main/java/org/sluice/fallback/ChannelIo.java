package org.sluice.fallback;

import org.agrona.CloseHelper;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Errno;
import org.sluice.store.FileFaults;
import org.sluice.store.FileSystemDirectory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The portable engine: submissions wait in a window until {@link #poll} carries them out, oldest
 * first, on the polling thread. Writes that follow each other in one file become one gathered
 * write.
 *
 * <p>Allocates nothing once it is open, except when something fails.
 */
final class ChannelIo implements AsyncIo {
    private static final CompletionHandler DROP = (tag, result) -> {};

    private final FileSystemDirectory directory;
    private final boolean direct;
    private final int alignBytes;
    private final AlignedBlockPool pool;
    private final Submission[] window;
    private final GatheredWrite gather;
    private final List<ChannelFile> files = new ArrayList<>();
    private final Thread owner = Thread.currentThread();

    // Counted up for ever; a submission's place is its number modulo the capacity. Those between
    // handedOut and carriedOut have a result, those between carriedOut and submitted have none yet.
    private long handedOut;
    private long carriedOut;
    private long submitted;
    private boolean closed;

    ChannelIo(
            FileSystemDirectory directory,
            boolean direct,
            int alignBytes,
            AlignedBlockPool pool,
            int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be at least 1: " + capacity);
        }
        this.directory = directory;
        this.direct = direct;
        this.alignBytes = alignBytes;
        this.pool = Objects.requireNonNull(pool);
        this.window = new Submission[capacity];
        for (int i = 0; i < capacity; i++) {
            window[i] = new Submission();
        }
        this.gather = new GatheredWrite(capacity, direct ? alignBytes : 1, pool.blockCount());
    }

    @Override
    public Backend backend() {
        return Backend.CHANNEL;
    }

    @Override
    public int alignBytes() {
        return alignBytes;
    }

    @Override
    public int capacity() {
        return window.length;
    }

    @Override
    public int inFlight() {
        return (int) (submitted - handedOut);
    }

    @Override
    public AsyncFile open(String name) {
        requireOpen();
        Path path = directory.resolve(name);
        Set<OpenOption> options =
                new HashSet<>(Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (direct) {
            options.add(DirectOption.find());
        }
        try {
            ChannelFile file = new ChannelFile(this, path, FileChannel.open(path, options));
            files.add(file);
            return file;
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "open", path, 0);
        }
    }

    @Override
    public int poll(CompletionHandler handler) {
        requireOpen();
        // Only what is there now: what the handler submits is for the next poll.
        int limit = inFlight();
        int count = 0;
        while (count < limit && inFlight() > 0) {
            if (handedOut == carriedOut) {
                carryOut();
            }
            Submission submission = at(handedOut);
            long tag = submission.tag;
            int result = submission.result;
            submission.file.completed();
            submission.clear();
            handedOut++;
            count++;
            handler.onCompletion(tag, result);
        }
        return count;
    }

    /**
     * As {@link #poll}: what is in flight is carried out there, so there is nothing to wait for.
     */
    @Override
    public int await(CompletionHandler handler, long timeoutNs) {
        return poll(handler);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        while (inFlight() > 0) {
            poll(DROP);
        }
        closed = true;
        CloseHelper.closeAll(List.copyOf(files));
    }

    boolean submitWrite(
            ChannelFile file,
            long position,
            AlignedBlock block,
            int offset,
            int length,
            boolean durable,
            long tag) {
        return submit(Submission.Kind.WRITE, file, position, block, offset, length, durable, tag);
    }

    boolean submitRead(
            ChannelFile file, long position, AlignedBlock block, int offset, int length, long tag) {
        return submit(Submission.Kind.READ, file, position, block, offset, length, false, tag);
    }

    boolean submitSync(ChannelFile file, long tag) {
        return enqueue(Submission.Kind.SYNC, file, tag) != null;
    }

    void forget(ChannelFile file) {
        assert Thread.currentThread() == owner : "not the owner's thread";
        files.remove(file);
    }

    private boolean submit(
            Submission.Kind kind,
            ChannelFile file,
            long position,
            AlignedBlock block,
            int offset,
            int length,
            boolean durable,
            long tag) {
        check(position, block, offset, length);
        Submission submission = enqueue(kind, file, tag);
        if (submission == null) {
            return false;
        }
        submission.position = position;
        submission.block = block;
        submission.offset = offset;
        submission.length = length;
        submission.durable = durable;
        return true;
    }

    private void check(long position, AlignedBlock block, int offset, int length) {
        assert pool.block(block.index()) == block : "block of another pool";
        Objects.checkFromIndexSize(offset, length, block.bytes());
        if (position < 0 || length == 0 || ((position | offset | length) & (alignBytes - 1)) != 0) {
            throw new IllegalArgumentException(
                    "position, offset and length must be multiples of "
                            + alignBytes
                            + ", and there must be a length: "
                            + position
                            + ", "
                            + offset
                            + ", "
                            + length);
        }
    }

    private Submission enqueue(Submission.Kind kind, ChannelFile file, long tag) {
        requireOpen();
        if (inFlight() == window.length) {
            return null;
        }
        if (!file.channel().isOpen()) {
            throw new IllegalStateException(file.path() + " is closed");
        }
        Submission submission = at(submitted);
        submission.kind = kind;
        submission.file = file;
        submission.tag = tag;
        file.submitted();
        submitted++;
        return submission;
    }

    private Submission at(long number) {
        return window[(int) (number % window.length)];
    }

    private void requireOpen() {
        assert Thread.currentThread() == owner : "not the owner's thread";
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    /** Carries out the oldest submission without a result, and writes that can join it. */
    private void carryOut() {
        Submission first = at(carriedOut);
        switch (first.kind) {
            case WRITE -> carryOutWrites(first);
            case READ -> {
                first.result = read(first);
                carriedOut++;
            }
            case SYNC -> {
                first.result = force(first.file);
                carriedOut++;
            }
        }
    }

    private void carryOutWrites(Submission first) {
        gather.start();
        long number = carriedOut;
        while (number < submitted && gather.join(at(number))) {
            number++;
        }
        gather.write();
        if (gather.mustForce()) {
            gather.forced(force(first.file));
        }
        carriedOut = number;
    }

    private static int force(ChannelFile file) {
        try {
            file.channel().force(false);
            return 0;
        } catch (IOException e) {
            // Never "disk full": after any failed sync what is on disk is unknown for good.
            return -Errno.EIO;
        }
    }

    private int read(Submission submission) {
        FileChannel channel = submission.file.channel();
        ByteBuffer target = submission.block.byteBuffer();
        int done = 0;
        try {
            while (done < submission.length) {
                target.clear()
                        .limit(submission.offset + submission.length)
                        .position(submission.offset + done);
                int count = channel.read(target, submission.position + done);
                if (count <= 0) {
                    break;
                }
                done += count;
                if (done < submission.length && submission.position + done >= channel.size()) {
                    // Asking again would fail where positions must be aligned.
                    break;
                }
            }
            return done;
        } catch (IOException e) {
            return -FileFaults.errno(e);
        }
    }
}
