package org.sluice.appender;

import org.agrona.BitUtil;
import org.sluice.ring.UringOptions;
import org.sluice.ring.UringProbe;
import org.sluice.ring.UringStorage;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.CompletionHandler;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Reads many places of a log's segments at once through an io_uring, so that the disk works on them
 * side by side; what came is then found by {@link #copy}. Nothing depends on it: what did not come
 * is read as if this did not exist.
 *
 * <p>One thread at a time, the reader's. A round: {@link #begin}, {@link #request} each place,
 * {@link #complete}; what came can be copied until the next round begins.
 */
final class ReadAhead implements AutoCloseable, CompletionHandler {
    /** Places asked for in one round. */
    static final int PLACES_MAX = 32;

    /** What is read at each at most; more of a file takes several. */
    static final int PLACE_BYTES = 64 * 1024;

    private static final long AWAIT_NS = 100_000_000;

    private final AlignedBlockPool pool = new AlignedBlockPool(PLACES_MAX, PLACE_BYTES);
    private final AsyncIo io;

    // The places of this round, by number.
    private final AheadFile[] files = new AheadFile[PLACES_MAX];
    private final long[] positions = new long[PLACES_MAX];
    private final int[] lengths = new int[PLACES_MAX];
    private final AlignedBlock[] blocks = new AlignedBlock[PLACES_MAX];

    /** What came. */
    private final int[] bytes = new int[PLACES_MAX];

    private int count;
    private int fileCount;
    private boolean isBroken;

    /** Through an engine of {@code storage}. */
    ReadAhead(Storage storage) {
        io = storage.openIo(pool, PLACES_MAX);
    }

    /** For the log in {@code directory}, or null where io_uring does not run. */
    static ReadAhead openOrNull(Path directory) {
        Capabilities capabilities = UringProbe.probeReadOnly(directory);
        if (!capabilities.has(Feature.IO_URING)) {
            return null;
        }
        UringOptions options = UringOptions.DEFAULT.withReadOnly(true).withDirect(false);
        try {
            return new ReadAhead(
                    UringStorage.open(directory, StorePermissions.DEFAULT, options, capabilities));
        } catch (AppendException refused) {
            // Locked memory used up by others, say: then reads are slower, and no less right.
            return null;
        }
    }

    /**
     * Forgets the last round.
     *
     * @return false if the engine has failed: then nothing comes any more
     */
    boolean begin() {
        complete();
        if (isBroken) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            pool.release(blocks[i]);
            files[i] = null;
        }
        count = 0;
        fileCount = 0;
        return true;
    }

    AsyncFile open(String name) {
        return io.open(name);
    }

    /**
     * Whether this round has room for another place, of whichever file: of more files than can be
     * open the first would be closed, and what was read of them lost, before it is looked at.
     */
    boolean hasRoom() {
        return count < PLACES_MAX && fileCount < KnownSegments.OPEN_MAX;
    }

    /**
     * Asks for {@code length} bytes at {@code position} of {@code file}, as far as they were not
     * asked for and there is room.
     */
    void request(AheadFile file, long position, int length) {
        AsyncFile source = file.openFor(this);
        long end = position + length;
        long at = position;
        while (source != null && at < end && count < PLACES_MAX) {
            int place = find(file, at);
            if (place < 0) {
                place = count;
                submit(file, source, at, end);
            }
            at = positions[place] + lengths[place];
        }
    }

    private void submit(AheadFile file, AsyncFile source, long from, long end) {
        if (count == 0 || files[count - 1] != file) {
            fileCount++;
        }
        int place = count++;
        long start = BitUtil.align(from - io.alignBytes() + 1, io.alignBytes());
        long length = Math.min(BitUtil.align(end - start, io.alignBytes()), PLACE_BYTES);
        files[place] = file;
        positions[place] = start;
        lengths[place] = (int) length;
        bytes[place] = 0;
        blocks[place] = pool.take();
        blocks[place].handOver();
        boolean isTaken = source.readAt(start, blocks[place], 0, lengths[place], place);
        assert isTaken : "the engine takes as many reads as there are blocks";
    }

    /** Waits until all that was asked for has come, or failed, or the engine has. */
    void complete() {
        try {
            while (!isBroken && io.inFlight() > 0) {
                io.await(this, AWAIT_NS);
            }
        } catch (AppendException broken) {
            isBroken = true;
        }
    }

    /** Whether the engine has failed. What came before can be copied. */
    boolean isBroken() {
        return isBroken;
    }

    @Override
    public void onCompletion(long tag, int result) {
        bytes[(int) tag] = Math.max(0, result);
    }

    /**
     * Copies what came of {@code position} of {@code file}, as much of it as there is and fits.
     *
     * @return the bytes copied, 0 if nothing came of it
     */
    int copy(AheadFile file, long position, ByteBuffer target) {
        int start = target.position();
        int place = find(file, position);
        while (place >= 0 && target.hasRemaining()) {
            long at = position + target.position() - start;
            int offset = (int) (at - positions[place]);
            int length = Math.min(bytes[place] - offset, target.remaining());
            if (length <= 0) {
                break;
            }
            target.put(target.position(), blocks[place].byteBuffer(), offset, length);
            target.position(target.position() + length);
            place = find(file, at + length);
        }
        return target.position() - start;
    }

    /** The place that holds, or will hold, {@code position}; -1 if none does. */
    private int find(AheadFile file, long position) {
        for (int i = 0; i < count; i++) {
            long offset = position - positions[i];
            if (offset >= 0 && offset < lengths[i] && files[i] == file) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        io.close();
    }
}
