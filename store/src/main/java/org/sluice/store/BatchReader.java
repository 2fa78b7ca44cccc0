package org.sluice.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;

/**
 * Reads the batches of one segment after the other into memory of its own, and lets nothing out
 * that was not verified: {@link #read} succeeds only if the batch is plausible, its checksum
 * matches in this very place, and its entries fill it exactly.
 *
 * <p><b>Use.</b> {@link #open} a segment, {@link #read} a position, walk the entries with {@link
 * #nextEntry}; the next batch is at {@link #endPosition}.
 *
 * <p><b>Buffer.</b> One direct buffer holds the batch asked for and what was read ahead of it: see
 * {@link ReadWindow}.
 *
 * <p><b>Live files.</b> The file may grow, shrink, be recycled or be written at this moment: bytes
 * that do not verify from the read-ahead are read again once before the answer is no.
 *
 * <p>Not thread-safe. Allocates nothing after construction unless a batch is longer than the
 * buffer.
 */
public final class BatchReader {
    /**
     * A buffer size that is quick for replay: large reads that stay in a core's second-level cache.
     */
    public static final int BUFFER_BYTES = 512 * 1024;

    private final ReadWindow window;
    private final UnsafeBuffer buffer;
    private final BatchVerifier verifier;
    private final BatchSearch search;

    private SegmentDescriptor.Header header;

    private long position;
    private int offset;
    private int length;
    private int paddedLength;
    private int entryCount;
    private long baseIndex;
    private long timestampNs;
    private long durableIndex;
    private int flags;

    private int nextOffset;
    private int entriesLeft;
    private int entryOffset;
    private int entryLength;
    private boolean entryAborted;
    private long entryIndex;

    private long unreadableAt = -1;
    private AppendException unreadableFault;

    /**
     * @param bufferBytes size of the buffer, at least a page
     */
    public BatchReader(int bufferBytes) {
        window = new ReadWindow(bufferBytes);
        buffer = window.buffer();
        verifier = new BatchVerifier(window);
        search = new BatchSearch(this, window);
    }

    /**
     * Turns to another segment. The file stays the caller's, who closes it.
     *
     * @param header decoded from the file, so known to be within bounds
     */
    public void open(StoreFile file, SegmentDescriptor.Header header) {
        this.header = header;
        window.open(file, header.indexPosition(), header.batchBytesMax());
        verifier.open(header);
        forgetBatch();
    }

    /**
     * Says that {@code bytes} from where {@link #read} goes next will be wanted: they are then
     * asked for in one go, as far as the buffer holds them.
     */
    public void expect(int bytes) {
        window.readAtLeast(bytes);
    }

    /**
     * Reads and verifies the batch at {@code position}.
     *
     * @return false if no whole, undamaged batch of this segment stands there (zeros, stale bytes,
     *     a torn or damaged batch, one that can't be read, the end of the file); nothing of it can
     *     be seen then
     * @throws AppendException if the file can't be read for another reason than {@link
     *     #unreadableAt}
     */
    public boolean read(long position) {
        boolean isWhole = false;
        try {
            isWhole = peek(position) && verify();
            return isWhole;
        } finally {
            if (!isWhole) {
                forgetBatch();
            }
        }
    }

    /**
     * Reads the header of the batch at {@code position} and checks that it could be one, but not
     * the checksum: enough to skip from batch to batch, never enough to believe an entry. Only the
     * header's fields may be asked for afterwards.
     *
     * @return false if no batch can be there
     * @throws AppendException as of {@link #read}
     */
    public boolean peek(long position) {
        unreadableAt = -1;
        if (window.holds(position, BatchDescriptor.HEADER_BYTES) && decode(position)) {
            return true;
        }
        if (fill(position, BatchDescriptor.HEADER_BYTES) && decode(position)) {
            return true;
        }
        window.readLittle();
        forgetBatch();
        return false;
    }

    /**
     * Finds the first whole, undamaged batch at or after {@code from} whose base index is at least
     * {@code baseIndexMin}; it is then the current one, as after {@link #read}. Looks at every
     * place a batch may begin, in bounded memory; costs one pass over the rest of the file.
     *
     * @param budget pays for every byte passed over and for every false batch checked
     * @return its position, or -1 if there is none
     * @throws AppendException as of {@link #read}, or ({@link AppendException.Code#CORRUPT}) if the
     *     budget is spent
     */
    public long search(long from, long baseIndexMin, SearchBudget budget) {
        unreadableAt = -1;
        long found = search.find(header, from, baseIndexMin, budget);
        if (found < 0) {
            forgetBatch();
        }
        return found;
    }

    /** As {@link ReadWindow#fill}; remembers the first place that can't be read. */
    boolean fill(long from, int count) {
        boolean isThere = window.fill(from, count);
        if (window.fault() != null && unreadableAt < 0) {
            unreadableAt = window.position() + window.length();
            unreadableFault = window.fault();
        }
        return isThere;
    }

    /** Checks the batch just decoded, from memory if it is there, else or then from the file. */
    boolean verify() {
        long at = position;
        if (window.holds(at, length)) {
            if (isWhole()) {
                return true;
            }
        } else if (window.extend(at, length)) {
            offset = window.offsetOf(at);
            if (isWhole()) {
                return true;
            }
        }
        // What is buffered may be older than the file, its header too: a live log is being written
        // here, in place of a shorter batch of a recycled segment, say.
        boolean whole =
                fill(at, length)
                        && decode(at)
                        && (window.holds(at, length) || window.extend(at, length))
                        && isWhole();
        if (!whole) {
            window.readLittle();
        }
        return whole;
    }

    private boolean isWhole() {
        if (!verifier.isWhole(position, length, entryCount)) {
            return false;
        }
        rewind();
        return true;
    }

    /** Steps back before the first entry of the current batch, as {@link #read} left it. */
    public void rewind() {
        nextOffset = offset + BatchDescriptor.HEADER_BYTES;
        entriesLeft = entryCount;
        entryIndex = baseIndex - 1;
    }

    /** Makes what the window holds at {@code position} the current batch, if it could be one. */
    boolean decode(long position) {
        if (!verifier.isPlausible(position)) {
            return false;
        }
        int at = window.offsetOf(position);
        this.position = position;
        offset = at;
        length = BatchDescriptor.length(buffer, at);
        paddedLength = BatchDescriptor.paddedLength(buffer, at);
        entryCount = BatchDescriptor.entryCount(buffer, at);
        baseIndex = BatchDescriptor.baseIndex(buffer, at);
        timestampNs = BatchDescriptor.timestampNs(buffer, at);
        durableIndex = BatchDescriptor.durableIndex(buffer, at);
        flags = BatchDescriptor.flags(buffer, at);
        entriesLeft = 0;
        return true;
    }

    private void forgetBatch() {
        position = -1;
        entriesLeft = 0;
        entryCount = 0;
    }

    /**
     * The first place that the last {@link #read}, {@link #peek} or {@link #search} met that can't
     * be read at all, as a bad sector can't, -1 if there was none. No batch was found there.
     */
    public long unreadableAt() {
        return unreadableAt;
    }

    /** What reading {@link #unreadableAt} failed with, if it is not -1. */
    public AppendException unreadableFault() {
        return unreadableFault;
    }

    /** Where the batch begins in the segment, -1 if there is none. */
    public long position() {
        return position;
    }

    /** Where the next batch begins. */
    public long endPosition() {
        return position + paddedLength;
    }

    /** Bytes of header and entries. */
    public int length() {
        return length;
    }

    /** Entries in the batch, aborted ones included. */
    public int entryCount() {
        return entryCount;
    }

    /** Index of the batch's first entry. */
    public long baseIndex() {
        return baseIndex;
    }

    /** Index after the batch's last entry. */
    public long nextIndex() {
        return baseIndex + entryCount;
    }

    /** Wall clock when the batch was made, ns since 1970. */
    public long timestampNs() {
        return timestampNs;
    }

    /** Highest index known to be durable when the batch was made, -1 for none. */
    public long durableIndex() {
        return durableIndex;
    }

    /** See {@link BatchDescriptor#FLAG_CLOSED}. */
    public int flags() {
        return flags;
    }

    /** Where the batch's header begins in {@link #buffer}. */
    public int offset() {
        return offset;
    }

    /** Holds the entries. The view is the reader's own: it changes with the next read. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Steps to the batch's next entry, aborted ones included; false if there is none. */
    public boolean nextEntry() {
        if (entriesLeft == 0) {
            return false;
        }
        int stored = buffer.getInt(nextOffset, ByteOrder.LITTLE_ENDIAN);
        entryLength = stored & ~BatchDescriptor.ABORTED;
        entryAborted = stored < 0;
        entryOffset = nextOffset + BatchDescriptor.ENTRY_HEADER_BYTES;
        entryIndex++;
        entriesLeft--;
        nextOffset += BatchDescriptor.entryBytes(entryLength);
        return true;
    }

    /** Where the entry's payload begins in {@link #buffer}. */
    public int entryOffset() {
        return entryOffset;
    }

    /** Bytes of payload. */
    public int entryLength() {
        return entryLength;
    }

    /** Whether the entry was aborted: it has an index but no payload. */
    public boolean entryAborted() {
        return entryAborted;
    }

    /** Index of the entry. */
    public long entryIndex() {
        return entryIndex;
    }
}
