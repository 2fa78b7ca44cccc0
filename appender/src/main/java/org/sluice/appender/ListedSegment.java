package org.sluice.appender;

import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;

/**
 * A segment's file as its name and its header show it, before anything of its content was looked
 * at.
 *
 * @param header null unless {@code state} is ACTIVE or PREPARED
 * @param fault what is wrong with a {@code MISPLACED} one, or one whose header can't be read, else
 *     null
 * @param limitIndex entries from here on are void because of a later truncation; {@link
 *     Long#MAX_VALUE} if there was none
 */
record ListedSegment(
        String name,
        long number,
        long fileBytes,
        State state,
        SegmentDescriptor.Header header,
        String fault,
        long limitIndex) {

    private static final int SEARCH_ALIGN_BYTES = 8;

    /** What a segment's file is good for. */
    enum State {
        /** Has a header, and entries may follow. */
        ACTIVE,
        /** Made ready; if entries follow, then the header that would say so was lost in a crash. */
        PREPARED,
        /** Everything in it lies behind a truncation. */
        VOID,
        /** Has no intact header: never finished, or damaged. */
        UNREADABLE,
        /** Has a header that can't be true here: of another segment, or of another log. */
        MISPLACED
    }

    boolean isActive() {
        return state == State.ACTIVE;
    }

    /** Whether the disk would not give its header, whatever that is, and may give it again. */
    boolean isUnreadable() {
        return state == State.UNREADABLE && fault != null;
    }

    /** Whether the batch, which begins where it should, is not void by a truncation. */
    boolean keeps(BatchReader batches) {
        return batches.nextIndex() <= limitIndex
                && (batches.entryCount() > 0 || batches.baseIndex() < limitIndex);
    }

    /** Its header, or one that lets every batch of it be found, wherever it may stand. */
    SegmentDescriptor.Header headerToSearchBy(long logId) {
        if (header != null) {
            return header;
        }
        return new SegmentDescriptor.Header(
                number,
                SegmentDescriptor.ACTIVE,
                0,
                0,
                Math.max(SegmentDescriptor.SEGMENT_BYTES_MIN, fileBytes),
                0,
                SEARCH_ALIGN_BYTES,
                SegmentDescriptor.BATCH_BYTES_MAX,
                0,
                logId);
    }

    /** One whose header says that it is active, as that alone says. */
    ListedSegment unlimited() {
        assert header.state() == SegmentDescriptor.ACTIVE : header;
        return new ListedSegment(
                name, number, fileBytes, State.ACTIVE, header, fault, Long.MAX_VALUE);
    }

    /** As it is after a truncation to {@code index}. */
    ListedSegment limited(long index) {
        boolean isVoid = index == 0 || (state == State.ACTIVE && header.baseIndex() >= index);
        State limited = isVoid ? State.VOID : state;
        return new ListedSegment(name, number, fileBytes, limited, header, fault, index);
    }
}
