package org.sluice.appender;

import org.agrona.BitUtil;
import org.sluice.appender.ListedSegment.State;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.BatchReader;
import org.sluice.store.FileFaults;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a log by rising number, from the names in its directory and their headers alone.
 * A file that vanishes meanwhile, as retention may let one, was never there.
 *
 * @param segments all segment files, whatever their state
 * @param spares names of files that are not, or no longer, segments
 * @param logId the log's identity, by the first segment that has an intact header; 0 if none has
 * @param numberMax the highest segment number in any name that a log can have, 0 if there is none
 */
record LogListing(List<ListedSegment> segments, List<String> spares, long logId, long numberMax) {

    /** Of a directory that was not listed yet. */
    static final LogListing NONE = new LogListing(List.of(), List.of(), 0, 0);

    /**
     * Lists the directory and reads each segment's header.
     *
     * @throws AppendException NEWER_FORMAT if any segment is of a newer format; NOT_A_LOG if one is
     *     not a regular file
     */
    static LogListing read(StoreDirectory directory) {
        return NONE.refreshed(directory);
    }

    /** Lists the directory again, reading only headers that were not known to be active. */
    LogListing refreshed(StoreDirectory directory) {
        List<ListedSegment> segmentsNow = new ArrayList<>();
        List<String> sparesNow = new ArrayList<>();
        long numberMaxNow = 0;
        for (String name : directory.list()) {
            long number = SegmentDescriptor.numberOf(name);
            if (number > 0) {
                ListedSegment known = find(number);
                ListedSegment segment =
                        known != null && known.header() != null && saysActive(known)
                                ? known.unlimited()
                                : readSegment(directory, name, number);
                if (segment != null) {
                    segmentsNow.add(segment);
                }
            } else {
                number = LogDirectoryLayout.spareNumberOf(name);
                if (number > 0) {
                    sparesNow.add(name);
                }
            }
            if (number <= SegmentDescriptor.NUMBER_MAX) {
                numberMaxNow = Math.max(numberMaxNow, number);
            }
        }
        long logIdNow = logId(segmentsNow);
        return new LogListing(
                applyTruncations(rejectOthers(segmentsNow, logIdNow)),
                sparesNow,
                logIdNow,
                numberMaxNow);
    }

    /** What the header says; a truncation may have made the segment void all the same. */
    private static boolean saysActive(ListedSegment segment) {
        return segment.header().state() == SegmentDescriptor.ACTIVE;
    }

    /** Without what is known of a segment, so that the next refresh reads its header. */
    LogListing forgetting(long number) {
        List<ListedSegment> rest = new ArrayList<>(segments);
        rest.removeIf(segment -> segment.number() == number);
        return new LogListing(rest, spares, logId, numberMax);
    }

    /** The segment of that number, whatever its state, or null. */
    ListedSegment find(long number) {
        int at = placeOf(number);
        return at < 0 ? null : segments.get(at);
    }

    /** The place in the list of the segment of that number, negative if there is none. */
    int placeOf(long number) {
        int low = 0;
        int high = segments.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = segments.get(middle).number();
            if (found == number) {
                return middle;
            }
            if (found < number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** The segment called {@code name} as it is now, or null if there is none. */
    static ListedSegment readSegment(StoreDirectory directory, String name, long number) {
        ListedSegment segment = readOnce(directory, name, number);
        // The file may have become another segment since it was opened: then its name is gone.
        boolean isDoubtful = segment != null && segment.header() == null && !segment.isUnreadable();
        return isDoubtful ? readOnce(directory, name, number) : segment;
    }

    private static ListedSegment readOnce(StoreDirectory directory, String name, long number) {
        try (StoreFile file = directory.openForReading(name)) {
            long bytes = file.size();
            if (number > SegmentDescriptor.NUMBER_MAX) {
                return misplaced(name, number, bytes, name + " has a number that no log reaches");
            }
            try {
                SegmentDescriptor.Header header = SegmentFile.readHeader(directory, name, file);
                if (header == null && bytes > SegmentDescriptor.SEGMENT_BYTES_MAX) {
                    // A sparse file costs nobody anything, and would be searched for hours.
                    String fault = name + " is longer than a segment can be";
                    return misplaced(name, number, bytes, fault);
                }
                return new ListedSegment(
                        name, number, bytes, stateOf(header), header, null, Long.MAX_VALUE);
            } catch (AppendException e) {
                if (FileFaults.isUnreadable(e)) {
                    return unreadable(name, number, bytes);
                }
                if (e.code() != AppendException.Code.CORRUPT) {
                    throw e;
                }
                return misplaced(name, number, bytes, e.getMessage());
            }
        } catch (AppendException e) {
            if (e.code() == AppendException.Code.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private static State stateOf(SegmentDescriptor.Header header) {
        if (header == null) {
            return State.UNREADABLE;
        }
        return header.state() == SegmentDescriptor.ACTIVE ? State.ACTIVE : State.PREPARED;
    }

    private static ListedSegment misplaced(String name, long number, long bytes, String fault) {
        return new ListedSegment(name, number, bytes, State.MISPLACED, null, fault, Long.MAX_VALUE);
    }

    private static ListedSegment unreadable(String name, long number, long bytes) {
        String fault = "its header can't be read";
        return new ListedSegment(
                name, number, bytes, State.UNREADABLE, null, fault, Long.MAX_VALUE);
    }

    private static long logId(List<ListedSegment> segments) {
        for (ListedSegment segment : segments) {
            if (segment.header() != null) {
                return segment.header().logId();
            }
        }
        return 0;
    }

    private static List<ListedSegment> rejectOthers(List<ListedSegment> segments, long logId) {
        List<ListedSegment> checked = new ArrayList<>(segments.size());
        for (ListedSegment segment : segments) {
            boolean isOther = segment.header() != null && segment.header().logId() != logId;
            String fault = segment.name() + " belongs to another log than the segments before it";
            checked.add(
                    isOther
                            ? misplaced(
                                    segment.name(), segment.number(), segment.fileBytes(), fault)
                            : segment);
        }
        return checked;
    }

    /** Goes backwards, so that each segment meets the truncations after it. */
    private static List<ListedSegment> applyTruncations(List<ListedSegment> segments) {
        List<ListedSegment> limited = new ArrayList<>(segments);
        long limitIndex = Long.MAX_VALUE;
        for (int i = segments.size() - 1; i >= 0; i--) {
            ListedSegment segment = segments.get(i);
            limited.set(i, segment.limited(limitIndex));
            if (limited.get(i).isActive() && segment.header().supersedes()) {
                limitIndex = Math.min(limitIndex, segment.header().baseIndex());
            }
        }
        return limited;
    }

    /** Size of all segment files. */
    long fileBytes() {
        return segments.stream().mapToLong(ListedSegment::fileBytes).sum();
    }

    /** A read buffer's size for these segments: no larger than any of them can use. */
    int bufferBytes() {
        long longest = segments.stream().mapToLong(ListedSegment::fileBytes).max().orElse(0);
        long bytes = Math.clamp(longest, AlignedBlockPool.PAGE_BYTES, BatchReader.BUFFER_BYTES);
        return BitUtil.findNextPositivePowerOfTwo((int) bytes);
    }

    /** The active segments but for those that hold no entry, as the next begins like them. */
    List<ListedSegment> filled() {
        List<ListedSegment> filled = new ArrayList<>();
        long nextBase = Long.MAX_VALUE;
        for (ListedSegment segment : segments.reversed()) {
            if (segment.isActive() && segment.header().baseIndex() < nextBase) {
                nextBase = segment.header().baseIndex();
                filled.add(segment);
            }
        }
        return filled.reversed();
    }

    /** The active segment after place {@code at} in the list, or null. */
    ListedSegment nextActive(int at) {
        for (int i = at + 1; i < segments.size(); i++) {
            if (segments.get(i).isActive()) {
                return segments.get(i);
            }
        }
        return null;
    }
}
