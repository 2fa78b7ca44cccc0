package org.sluice.appender;

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
import java.util.HashMap;
import java.util.Map;

/**
 * Reads many places of a log's segments at once through an io_uring, so that the disk works on them
 * side by side; what came is then found by {@link #copy}. Nothing depends on it: what did not come
 * is read as if this did not exist.
 *
 * <p>One thread, the reader's. A round: {@link #begin}, {@link #request} each place, {@link
 * #complete}; what came can be copied until the next round begins.
 */
final class ReadAhead implements AutoCloseable, CompletionHandler {
    /** Places asked for in one round. */
    static final int PLACES_MAX = 32;

    /** What is read at each: many small batches, or the beginning of a large one. */
    static final int PLACE_BYTES = 64 * 1024;

    private static final long AWAIT_NS = 100_000_000;

    private final AlignedBlockPool pool = new AlignedBlockPool(PLACES_MAX, PLACE_BYTES);
    private final AsyncIo io;
    private final Map<String, AsyncFile> files = new HashMap<>();

    // The places of this round, by number.
    private final String[] names = new String[PLACES_MAX];
    private final long[] positions = new long[PLACES_MAX];
    private final AlignedBlock[] blocks = new AlignedBlock[PLACES_MAX];
    private final int[] bytes = new int[PLACES_MAX];
    private int count;

    private ReadAhead(Storage storage) {
        io = storage.openIo(pool, PLACES_MAX);
    }

    /** For the log in {@code directory}, or null where io_uring does not run. */
    static ReadAhead openOrNull(Path directory) {
        Capabilities capabilities = UringProbe.probeReadOnly(directory);
        if (!capabilities.has(Feature.IO_URING)) {
            return null;
        }
        UringOptions options =
                UringOptions.DEFAULT
                        .withReadOnly(true)
                        .withDirect(capabilities.has(Feature.DIRECT_IO));
        try {
            return new ReadAhead(
                    UringStorage.open(directory, StorePermissions.DEFAULT, options, capabilities));
        } catch (AppendException refused) {
            // Locked memory used up by others, say: then reads are slower, and no less right.
            return null;
        }
    }

    /** Forgets the last round. Files are opened anew: one may have been replaced meanwhile. */
    void begin() {
        for (int i = 0; i < count; i++) {
            pool.release(blocks[i]);
        }
        count = 0;
        for (AsyncFile file : files.values()) {
            file.close();
        }
        files.clear();
    }

    /** Whether this round has room for another place. */
    boolean hasRoom() {
        return count < PLACES_MAX;
    }

    /**
     * Asks for what stands at {@code position} of the file {@code name}, unless it was asked for.
     */
    void request(String name, long position) {
        long start = position - position % io.alignBytes();
        if (find(name, start) >= 0) {
            return;
        }
        int place = count++;
        names[place] = name;
        positions[place] = start;
        bytes[place] = 0;
        blocks[place] = pool.take();
        blocks[place].handOver();
        try {
            AsyncFile file = files.computeIfAbsent(name, io::open);
            boolean isTaken = file.readAt(start, blocks[place], 0, PLACE_BYTES, place);
            assert isTaken : "the engine takes as many reads as there are blocks";
        } catch (AppendException gone) {
            // Deleted by retention, say: the ordinary read will tell.
            names[place] = "";
        }
    }

    /** Waits until all that was asked for has come, or failed. */
    void complete() {
        while (io.inFlight() > 0) {
            io.await(this, AWAIT_NS);
        }
    }

    @Override
    public void onCompletion(long tag, int result) {
        bytes[(int) tag] = Math.max(0, result);
    }

    /**
     * Copies what came of {@code position} of the file {@code name}, as much of it as there is and
     * fits.
     *
     * @return the bytes copied, 0 if nothing came of it
     */
    int copy(String name, long position, ByteBuffer target) {
        int place = find(name, position);
        if (place < 0) {
            return 0;
        }
        int offset = (int) (position - positions[place]);
        int length = Math.min(bytes[place] - offset, target.remaining());
        if (length <= 0) {
            return 0;
        }
        target.put(target.position(), blocks[place].byteBuffer(), offset, length);
        target.position(target.position() + length);
        return length;
    }

    /** The place that holds, or will hold, {@code position}; -1 if none does. */
    private int find(String name, long position) {
        for (int i = 0; i < count; i++) {
            long offset = position - positions[i];
            if (offset >= 0 && offset < PLACE_BYTES && names[i].equals(name)) {
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
