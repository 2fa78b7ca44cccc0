package org.sluice.appender;

import org.agrona.CloseHelper;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.StoreDirectory;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Reads a log, also while it is being written: in order with {@link #poll}, or single entries with
 * {@link #read}. The two don't disturb each other. Made by {@link AppendLog#openReader} in the
 * writing process, by {@link #open} in any other.
 *
 * <p><b>What is seen.</b> Entries that are with the operating system, durable or not (but for
 * {@link AppendLog#openDurableReader}), in index order; aborted ones are skipped. No byte is handed
 * out before its checksum was verified. Opens files for reading only and changes nothing, so a
 * read-only directory will do; needs no lock.
 *
 * <p><b>Damage.</b> {@link #poll} delivers everything before it, then throws {@link Code#CORRUPT}
 * with file, position and index range, again and again; {@link #seek} behind it goes on. An end
 * that a crash, or a writer at work, left unfinished is no damage but just the end.
 *
 * <p><b>Retention and truncation.</b> A reader whose next entry was given up gets {@link
 * Code#INDEX_TRUNCATED} once, with the index it wanted; {@link #nextIndex} says where the next
 * {@link #poll} goes on. By retention that is later: entries were missed. By {@code truncateAfter}
 * it is earlier: what was read from there on is void, and comes again with other content. If
 * retention has taken the first of the new entries by then, it goes on with the first one kept; if
 * that is just the one wanted, there is nothing left to tell of either. In another process a reader
 * may still deliver what it has in memory before it is told, and {@link #read} what it read before:
 * up to 512 KiB, or a longer batch, around the entry it found last, and the parts it keeps of
 * batches it knows.
 *
 * <p><b>Threads.</b> Belongs to one thread at a time. An interrupt does not disturb it. Polling
 * allocates nothing as long as entries come from one segment.
 */
public final class LogReader implements AutoCloseable {
    private final LogView view;
    private final LongSupplier writtenIndex;
    private final LongSupplier truncations;
    private final BatchCursor cursor;
    private final BatchReader batches;
    private EntryFinder finder;

    /** Made when many entries are first read at once; null also where io_uring does not run. */
    private ReadAhead ahead;

    private boolean isAheadTried;

    private boolean isInBatch;
    private boolean isDelivering;
    private boolean isClosed;

    /**
     * A reader in the writing process.
     *
     * @param writtenIndex no entry behind it is delivered
     * @param truncations counts calls of truncateAfter, before their effect can be seen
     */
    LogReader(
            StoreDirectory directory,
            LongSupplier writtenIndex,
            LongSupplier truncations,
            NanoClock clock) {
        this.writtenIndex = writtenIndex;
        this.truncations = truncations;
        view = new LogView(directory);
        cursor = new BatchCursor(view, truncations, clock);
        batches = cursor.batches();
    }

    /**
     * Opens the log in {@code directory} for reading, from its first entry. A directory that is
     * empty is a log that was not written yet.
     *
     * @throws AppendException NOT_FOUND, NOT_A_LOG, ACCESS_DENIED, NEWER_FORMAT, IO
     */
    public static LogReader open(Path directory) {
        JvmFlags.check();
        Objects.requireNonNull(directory);
        LogDirectoryLayout.checkForReading(directory);
        return elsewhere(new FileSystemDirectory(directory), SystemNanoClock.INSTANCE);
    }

    /** A reader in another process than the writer's, which knows what the files say only. */
    static LogReader elsewhere(StoreDirectory directory, NanoClock clock) {
        return new LogReader(directory, () -> Long.MAX_VALUE, () -> 0, clock);
    }

    /**
     * Lets {@link #poll} go on with entry {@code index}, which may not be written yet. If the log
     * is truncated before it is, a reader of the writing process waits on; one in another that has
     * looked for the entry is told by INDEX_TRUNCATED, though nothing it read is void.
     *
     * @throws AppendException INDEX_TRUNCATED if it lies before the first entry kept, CORRUPT if
     *     the segment that it may stand in has no intact header; the reader then stays where it was
     */
    public void seek(long index) {
        if (index < 0) {
            throw new IllegalArgumentException("index must not be negative: " + index);
        }
        checkUse();
        view.refresh();
        cursor.checkKept(index);
        isInBatch = false;
        cursor.seek(index);
    }

    /**
     * Lets {@link #poll} go on with the first entry of the first batch that was made at or after
     * {@code epochNs} (ns since 1970, by the writer's wall clock), or with the next entry to be
     * written if there is none.
     */
    public void seekToTime(long epochNs) {
        checkUse();
        view.refresh();
        isInBatch = false;
        cursor.seek(finder().indexAtTime(epochNs));
    }

    /**
     * Hands the next entries to {@code handler}. An entry whose handler threw counts as delivered.
     *
     * @param limit entries at most, at least 1
     * @return entries handed over, 0 if there is none yet
     * @throws AppendException CORRUPT, INDEX_TRUNCATED, IO
     */
    public int poll(EntryHandler handler, int limit) {
        Objects.requireNonNull(handler);
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        checkUse();
        if (cursor.isOutdated()) {
            isInBatch = false;
        }
        int count = 0;
        while (count < limit && (isInBatch || step())) {
            count += deliver(handler, limit - count);
        }
        return count;
    }

    private boolean step() {
        boolean isWritten = Math.max(0, cursor.wantedIndex()) <= writtenIndex.getAsLong();
        // After a truncation the cursor is asked all the same: what it stood behind may be void.
        if (isClosed || (!isWritten && !cursor.isOutdated())) {
            return false;
        }
        isInBatch = cursor.next();
        if (isInBatch && cursor.wantedIndex() > writtenIndex.getAsLong()) {
            // The cursor has only now found out which entry is the first, and it is on its way.
            cursor.seek(cursor.wantedIndex());
            isInBatch = false;
        }
        return isInBatch;
    }

    private int deliver(EntryHandler handler, int limit) {
        long wantedIndex = cursor.wantedIndex();
        long timestampNs = batches.timestampNs();
        int count = 0;
        isDelivering = true;
        try {
            while (count < limit && isInBatch) {
                isInBatch = batches.nextEntry();
                long index = batches.entryIndex();
                if (isInBatch && index >= wantedIndex) {
                    cursor.taken(index + 1);
                    if (!batches.entryAborted()) {
                        count++;
                        handler.onEntry(
                                batches.buffer(),
                                batches.entryOffset(),
                                batches.entryLength(),
                                index,
                                timestampNs);
                    }
                }
            }
        } finally {
            isDelivering = false;
        }
        return count;
    }

    /**
     * Hands entry {@code index} to {@code handler}, wherever {@link #poll} is.
     *
     * @throws AppendException INDEX_TRUNCATED if it is no longer kept, INDEX_NOT_WRITTEN if it is
     *     not there yet, ENTRY_ABORTED if its producer gave it up, CORRUPT if it is lost, IO
     */
    public void read(long index, EntryHandler handler) {
        Objects.requireNonNull(handler);
        if (index < 0) {
            throw new IllegalArgumentException("index must not be negative: " + index);
        }
        checkUse();
        deliverOne(index, handler);
    }

    /**
     * Hands the entries of {@code indexes} to {@code handler}, by rising index whatever their
     * order, one pass for each batch. An index given twice is handed over twice. Where io_uring
     * runs, the disk is asked for many of them at once.
     *
     * @throws AppendException as {@link #read}, at the lowest index that can't be read; those
     *     before it were handed over
     */
    public void readBatch(long[] indexes, EntryHandler handler) {
        Objects.requireNonNull(handler);
        long[] sorted = indexes.clone();
        Arrays.sort(sorted);
        if (sorted.length > 0 && sorted[0] < 0) {
            throw new IllegalArgumentException("index must not be negative: " + sorted[0]);
        }
        checkUse();
        int from = 0;
        while (from < sorted.length && !isClosed) {
            int end = readAhead(sorted, from);
            try {
                for (; from < end && !isClosed; from++) {
                    deliverOne(sorted[from], handler);
                }
            } finally {
                finder().look(null);
            }
        }
    }

    /**
     * Has the disk read what is near several entries at once, where the platform can.
     *
     * @return up to which element of {@code sorted} that was done; all of it where it can't be
     */
    private int readAhead(long[] sorted, int from) {
        if (sorted.length == 1) {
            return 1;
        }
        if (!isAheadTried) {
            isAheadTried = true;
            ahead = ReadAhead.openOrNull(view.directory().path());
        }
        if (ahead == null || !ahead.begin()) {
            return sorted.length;
        }
        int end = from;
        while (end < sorted.length && ahead.hasRoom()) {
            finder().request(sorted[end++], ahead);
        }
        ahead.complete();
        finder().look(ahead);
        return end;
    }

    /** Lets {@link #readBatch} read ahead by {@code other}, for the tests. */
    void readAheadBy(ReadAhead other) {
        isAheadTried = true;
        ahead = other;
    }

    private void deliverOne(long index, EntryHandler handler) {
        if (index > writtenIndex.getAsLong()) {
            throw EntryFinder.notWritten(view, index);
        }
        FoundEntry found = finder().find(index);
        if (found.isAborted()) {
            throw new AppendException(
                    Code.ENTRY_ABORTED,
                    "entry " + index + " was aborted by its producer",
                    view.directory().path(),
                    index,
                    AppendException.NONE,
                    null);
        }
        isDelivering = true;
        try {
            found.handTo(handler, index);
        } finally {
            isDelivering = false;
        }
    }

    /** Index of the first entry kept, 0 for a log that was never written. */
    public long firstIndex() {
        checkUse();
        view.refresh();
        return view.firstIndex();
    }

    /** Index of the entry that {@link #poll} goes on with. */
    public long nextIndex() {
        long index = cursor.wantedIndex();
        return index == LogDamage.UNKNOWN ? firstIndex() : index;
    }

    /**
     * Index of the last entry that can be read now, {@link #firstIndex} - 1 if there is none. In a
     * process that does not write the log this reads what was added since it was last asked.
     */
    public long lastIndex() {
        checkUse();
        long written = writtenIndex.getAsLong();
        return written == Long.MAX_VALUE ? finder().lastIndex() : written;
    }

    private EntryFinder finder() {
        if (finder == null) {
            finder = new EntryFinder(view, truncations);
        }
        return finder;
    }

    private void checkUse() {
        if (isClosed) {
            throw new AppendException(Code.CLOSED, "the reader is closed");
        }
        if (isDelivering) {
            throw new IllegalStateException("a handler must not use the reader that calls it");
        }
    }

    /** Closes the files. Closing again does nothing; a handler may do it. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            isInBatch = false;
            // In this order: the finder's files are read by what reads ahead.
            CloseHelper.closeAll(cursor, finder, ahead);
        }
    }
}
