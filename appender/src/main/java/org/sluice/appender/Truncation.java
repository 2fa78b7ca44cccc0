package org.sluice.appender;

import org.agrona.BitUtil;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.BatchReader;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SparseIndex;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;

/**
 * Gives up the end of a log that nobody writes to: the log then goes on in a new segment whose
 * header says that everything from its base index on is void in the segments before it.
 *
 * <p>No acknowledged byte is rewritten: if the cut falls inside a batch, the part to keep is the
 * new segment's first batch. Adding that segment is the one step that counts ({@link
 * SegmentPublisher}); before it the old log stands, after it the new one, and what is left to
 * delete and cut is {@link Recovery}'s everyday work. So it may be stopped at any point.
 *
 * <p>Each truncation makes a segment, even one between two batches: that is what tells readers in
 * other processes that entries they have seen are void.
 */
final class Truncation {
    private final StoreDirectory directory;
    private final RecoveredLog log;

    private Truncation(StoreDirectory directory, RecoveredLog log) {
        this.directory = directory;
        this.log = log;
    }

    /**
     * Voids all entries after {@code index}, durably.
     *
     * @param log as {@link Recovery#recover} returned it, unchanged since
     * @param index the last entry kept, from {@code firstIndex - 1} to {@code nextIndex - 1}
     * @return the log as it is then, recovered
     */
    static RecoveredLog truncateAfter(StoreDirectory directory, RecoveredLog log, long index) {
        if (index < log.firstIndex() - 1 || index >= log.nextIndex()) {
            throw new IllegalArgumentException(
                    "index must be from "
                            + (log.firstIndex() - 1)
                            + " to "
                            + (log.nextIndex() - 1)
                            + ": "
                            + index);
        }
        if (index == log.nextIndex() - 1) {
            return log;
        }
        new Truncation(directory, log).truncate(index + 1);
        return Recovery.recover(directory);
    }

    private void truncate(long nextIndex) {
        SegmentDescriptor.Header tail = log.segments().getLast().header();
        RecoveredLog.Segment cut = lastBefore(nextIndex);
        if (cut == null || cut.nextIndex() == nextIndex) {
            publish(tail, nextIndex, null);
            return;
        }
        try (StoreFile file = directory.openForReading(nameOf(cut.header()))) {
            BatchReader batches = new BatchReader(BatchReader.BUFFER_BYTES);
            batches.open(file, cut.header());
            find(cut, file, batches, nextIndex);
            SegmentDescriptor.Header geometry = fits(batches, tail) ? tail : cut.header();
            boolean isBetween = batches.baseIndex() == nextIndex;
            UnsafeBuffer kept = isBetween ? null : keep(batches, nextIndex, geometry.alignBytes());
            publish(geometry, batches.baseIndex(), kept);
        }
    }

    private static boolean fits(BatchReader batches, SegmentDescriptor.Header geometry) {
        int bytes = BitUtil.align(batches.length(), geometry.alignBytes());
        return bytes <= geometry.batchBytesMax()
                && bytes <= geometry.indexPosition() - SegmentDescriptor.HEADER_BYTES;
    }

    /** The last segment that holds an entry before {@code index}, or null. */
    private RecoveredLog.Segment lastBefore(long index) {
        RecoveredLog.Segment last = null;
        for (RecoveredLog.Segment segment : log.segments()) {
            if (segment.header().baseIndex() < index) {
                last = segment;
            }
        }
        return last;
    }

    private void find(
            RecoveredLog.Segment segment, StoreFile file, BatchReader batches, long index) {
        SparseIndex sparse =
                segment.sealed() ? SparseIndex.readIfReadable(file, segment.header()) : null;
        long position =
                sparse == null ? SegmentDescriptor.HEADER_BYTES : sparse.positionBefore(index);
        do {
            // Only a forged sparse index leads behind the batch that holds the entry.
            if (!batches.read(position) || batches.baseIndex() > index) {
                throw damage(segment, position, batches.unreadableAt() >= 0).exception();
            }
            position = batches.endPosition();
        } while (batches.nextIndex() <= index);
    }

    private LogDamage damage(RecoveredLog.Segment segment, long position, boolean isUnreadable) {
        return new LogDamage(
                directory.path().resolve(nameOf(segment.header())),
                position,
                LogDamage.UNKNOWN,
                segment.nextIndex() - 1,
                "there is no intact batch where one should be",
                isUnreadable);
    }

    /**
     * The entries of the current batch before {@code nextIndex}, as a batch without its checksum.
     */
    private static UnsafeBuffer keep(BatchReader batches, long nextIndex, int alignBytes) {
        do {
            batches.nextEntry();
        } while (batches.entryIndex() < nextIndex);
        int end = batches.entryOffset() - BatchDescriptor.ENTRY_HEADER_BYTES;
        int length = end - batches.offset();
        int paddedLength = BitUtil.align(length, alignBytes);
        UnsafeBuffer kept = new UnsafeBuffer(ByteBuffer.allocateDirect(paddedLength));
        kept.putBytes(0, batches.buffer(), batches.offset(), length);
        BatchDescriptor.encodeHeader(
                kept,
                0,
                length,
                paddedLength,
                (int) (nextIndex - batches.baseIndex()),
                batches.baseIndex(),
                batches.timestampNs(),
                batches.baseIndex() - 1,
                BatchDescriptor.FLAG_KEPT);
        return kept;
    }

    private void publish(SegmentDescriptor.Header geometry, long baseIndex, UnsafeBuffer batch) {
        SegmentDescriptor.requireIndex(baseIndex);
        SegmentPublisher.publish(directory, newHeader(geometry, baseIndex), batch);
    }

    private SegmentDescriptor.Header newHeader(SegmentDescriptor.Header geometry, long baseIndex) {
        return new SegmentDescriptor.Header(
                log.nextNumber(),
                SegmentDescriptor.ACTIVE,
                baseIndex,
                SystemEpochNanoClock.INSTANCE.nanoTime(),
                geometry.segmentBytes(),
                geometry.indexBytes(),
                geometry.alignBytes(),
                geometry.batchBytesMax(),
                SegmentDescriptor.FLAG_SUPERSEDES,
                geometry.logId());
    }

    private static String nameOf(SegmentDescriptor.Header header) {
        return SegmentDescriptor.fileName(header.number());
    }
}
