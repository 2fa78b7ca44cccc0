package org.sluice.appender;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

/**
 * A reader's picture of which segments there are, brought up to date when something is not where
 * the picture has it. Reads only. One thread.
 */
final class LogView {
    private final StoreDirectory directory;
    private LogListing listing = LogListing.NONE;

    /** For each place in the listing the least first index of the active segments from there on. */
    private long[] leastFrom = {};

    LogView(StoreDirectory directory) {
        this.directory = directory;
        refresh();
    }

    StoreDirectory directory() {
        return directory;
    }

    LogListing listing() {
        return listing;
    }

    /** Looks at the directory again. */
    void refresh() {
        show(listing.refreshed(directory));
    }

    private void show(LogListing next) {
        listing = next;
        leastFrom = new long[next.segments().size()];
        long least = Long.MAX_VALUE;
        for (int i = leastFrom.length - 1; i >= 0; i--) {
            ListedSegment segment = next.segments().get(i);
            if (segment.isActive()) {
                least = Math.min(least, segment.header().baseIndex());
            }
            leastFrom[i] = least;
        }
    }

    /** The segment with the first entries, or null for a log that was never written. */
    ListedSegment first() {
        return listing.nextActive(-1);
    }

    /** The active segment after {@code segment}, or null. */
    ListedSegment after(ListedSegment segment) {
        return listing.nextActive(listing.placeOf(segment.number()));
    }

    /**
     * The segment that holds {@code index}, or would if it were written; null if it lies before
     * all.
     */
    ListedSegment holding(long index) {
        // The highest number stands for places with no active segment behind.
        long wanted = Math.min(index, Long.MAX_VALUE - 1);
        int low = 0;
        int high = leastFrom.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (leastFrom[middle] <= wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // All behind begin later, so it is this one that brings the least down to the index.
        return low == 0 ? null : listing.segments().get(low - 1);
    }

    /** Index of the first entry kept, 0 for a log that was never written. */
    long firstIndex() {
        ListedSegment first = first();
        return first == null ? 0 : first.header().baseIndex();
    }

    /**
     * Opens the segment's file for reading.
     *
     * @return null if it is gone, or another has taken its name; the picture must be refreshed then
     */
    StoreFile open(ListedSegment segment) {
        StoreFile file = openOrNull(segment);
        if (file == null) {
            show(listing.forgetting(segment.number()));
        }
        return file;
    }

    private StoreFile openOrNull(ListedSegment segment) {
        StoreFile file = null;
        boolean isSame = false;
        try {
            file = directory.openForReading(segment.name());
            isSame =
                    segment.header()
                            .equals(SegmentFile.readHeader(directory, segment.name(), file));
            return isSame ? file : null;
        } catch (AppendException e) {
            if (e.code() != Code.NOT_FOUND && e.code() != Code.CORRUPT) {
                throw e;
            }
            return null;
        } finally {
            if (file != null && !isSame) {
                file.close();
            }
        }
    }

    /** Whether the segment's file still is what it was when it was listed. */
    boolean isThere(ListedSegment segment) {
        StoreFile file = open(segment);
        if (file == null) {
            return false;
        }
        file.close();
        return true;
    }

    /**
     * The index of the first new entry after the truncations made since {@code segment} was
     * written, if that lies before {@code index}; else that, or anything not before it. What begins
     * behind it is not looked at, as each look opens a file.
     *
     * <p>Retention may have taken a segment that says so, and {@code segment} with it. Without a
     * truncation nothing later begins before what {@code segment} held, so that tells of one too,
     * unless the log has grown by as much again as was cut off.
     *
     * @param readIndex the entry up to which {@code segment} was read
     */
    long truncatedAfter(ListedSegment segment, long readIndex, long index) {
        ListedSegment now = listing.find(segment.number());
        boolean isGone = now == null || !segment.header().equals(now.header());
        long newIndex = Long.MAX_VALUE;
        for (ListedSegment later : listing.segments()) {
            if (later.isActive()
                    && later.number() > segment.number()
                    && later.header().baseIndex() < index
                    && (later.header().supersedes()
                            || (isGone && later.header().baseIndex() < readIndex))) {
                newIndex = Math.min(newIndex, newIndexOf(later));
            }
        }
        return newIndex;
    }

    private long newIndexOf(ListedSegment later) {
        long newIndex = later.header().baseIndex();
        StoreFile file = open(later);
        if (file != null) {
            try (file) {
                BatchReader batches = new BatchReader(AlignedBlockPool.PAGE_BYTES);
                batches.open(file, later.header());
                if (batches.read(SegmentDescriptor.HEADER_BYTES)
                        && (batches.flags() & BatchDescriptor.FLAG_KEPT) != 0) {
                    newIndex = batches.nextIndex();
                }
            }
        }
        return newIndex;
    }

    /**
     * What a reader at {@code index} gets, before the first entry there is: CORRUPT if it may stand
     * in a segment whose header is broken, else INDEX_TRUNCATED. Null if it is there after all.
     */
    AppendException missing(long index, HoleSearch holes) {
        LogDamage leading = leadingDamage(holes);
        if (leading != null && leading.firstIndex() <= index) {
            return leading.exception();
        }
        return index < firstIndex() ? truncatedBefore(index) : null;
    }

    /**
     * The damage to the segments before the first active one, or null. Looked for twice: what could
     * not be read when the directory was listed may be read by now.
     */
    LogDamage leadingDamage(HoleSearch holes) {
        if (listedLeadingDamage(holes) == null) {
            return null;
        }
        refresh();
        holes.begin();
        return listedLeadingDamage(holes);
    }

    private LogDamage listedLeadingDamage(HoleSearch holes) {
        LogDamage leading = null;
        for (int at = 0; leading == null && at < listing.segments().size(); at++) {
            ListedSegment.State state = listing.segments().get(at).state();
            if (state == ListedSegment.State.ACTIVE) {
                return null;
            }
            if (state != ListedSegment.State.VOID) {
                leading = holes.leadingDamage(listing, at);
            }
        }
        return leading;
    }

    private AppendException truncatedBefore(long index) {
        long first = firstIndex();
        return new AppendException(
                Code.INDEX_TRUNCATED,
                "entry " + index + " is no longer kept; the first one is " + first,
                directory.path(),
                index,
                AppendException.NONE,
                null);
    }

    /** What a reader at {@code index} gets when the log was truncated behind its back. */
    AppendException truncatedAt(long limitIndex, long index) {
        return new AppendException(
                Code.INDEX_TRUNCATED,
                "the log was truncated and goes on with a new entry "
                        + limitIndex
                        + "; entry "
                        + index
                        + " is no longer what it was",
                directory.path(),
                index,
                AppendException.NONE,
                null);
    }
}
