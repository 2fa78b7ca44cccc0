package org.sluice.store;

import org.agrona.concurrent.EpochNanoClock;

import java.util.ArrayDeque;

/**
 * Makes segments ready and takes freed ones back, for a {@link SegmentKeeper} and under its lock.
 *
 * <p>On its way to being a segment, and after it was one, a file's name ends in {@code .spare}: no
 * part of the log, and deleted when the log is next opened. So a file never has a segment's name
 * while its header is another's or half written:
 *
 * <pre>
 *   new:     create N.spare, size, header PREPARED, fsync, rename to N.seg, fsync directory
 *   freed:   rename M.seg to N.spare, fsync directory; later as above, from the size on
 * </pre>
 */
final class SegmentMaker {
    private final StoreDirectory directory;
    private final SegmentSettings settings;
    private final long logId;
    private final EpochNanoClock epochClock;
    private final ArrayDeque<String> spares = new ArrayDeque<>();
    private long nextNumber;
    private boolean isSwept;

    /** Whether a segment was freed and the directory could not be synced since. */
    private boolean isFreeUnsynced;

    /** Made but for the sync of its name, for want of space or of a descriptor; else null. */
    private PreparedSegment unsynced;

    /**
     * @param nextNumber the lowest number never used
     */
    SegmentMaker(
            StoreDirectory directory,
            SegmentSettings settings,
            long logId,
            long nextNumber,
            EpochNanoClock epochClock) {
        this.directory = directory;
        this.settings = settings;
        this.logId = logId;
        this.nextNumber = nextNumber;
        this.epochClock = epochClock;
    }

    /**
     * Makes a segment, from a freed one if there is one; it is durable on return.
     *
     * @throws AppendException with code DISK_FULL if there is no space for it now
     */
    PreparedSegment make() {
        sweep();
        // Before a freed file is written to, it must have lost its old name for good.
        syncFreed();
        if (unsynced == null) {
            unsynced =
                    spares.isEmpty()
                            ? new PreparedSegment(makeNew(), isWrittenWhenNew())
                            : new PreparedSegment(makeFromSpare(), true);
        }
        // On a full disk, or for want of a descriptor, the next try begins here: to undo things
        // could meet the same.
        directory.sync();
        PreparedSegment made = unsynced;
        unsynced = null;
        return made;
    }

    /** Once, before the first file is made or freed: removes what a run that was cut short left. */
    private void sweep() {
        if (isSwept) {
            return;
        }
        for (String name : directory.list()) {
            if (name.endsWith(LogDirectoryLayout.SPARE_SUFFIX)) {
                deleteIfThere(name);
            }
        }
        isSwept = true;
    }

    /** Another process may be trying out the filesystem, and deletes its own file meanwhile. */
    private void deleteIfThere(String name) {
        try {
            directory.delete(name);
        } catch (AppendException e) {
            if (e.code() != AppendException.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    private boolean isWrittenWhenNew() {
        return settings.preallocation() == Preallocation.ZERO;
    }

    private SegmentDescriptor.Header makeNew() {
        requireSpace();
        long number = nextNumber++;
        String spare = LogDirectoryLayout.spareName(number);
        StoreFile file = directory.create(spare);
        try (file) {
            return publish(file, spare, number);
        } catch (AppendException thrown) {
            if (Errno.isForWantOfRoom(thrown)) {
                // There will be another try, and what this got is better used by someone else.
                directory.delete(spare);
            }
            throw thrown;
        }
    }

    /** Filling a disk up only to find that it is too small would hurt all who share it. */
    private void requireSpace() {
        boolean takesSpace = settings.preallocation() != Preallocation.SPARSE;
        if (takesSpace && directory.usableBytes() < settings.segmentBytes()) {
            throw Errno.exception(Errno.ENOSPC, "make a segment in", directory.path());
        }
    }

    private SegmentDescriptor.Header makeFromSpare() {
        String spare = spares.element();
        try (StoreFile file = directory.openForWriting(spare)) {
            SegmentDescriptor.Header header =
                    publish(file, spare, LogDirectoryLayout.spareNumberOf(spare));
            spares.remove();
            return header;
        }
    }

    /** Size and header first, durable, then the name. */
    private SegmentDescriptor.Header publish(StoreFile file, String spare, long number) {
        long segmentBytes = settings.segmentBytes();
        SegmentDescriptor.Header header =
                new SegmentDescriptor.Header(
                        number,
                        SegmentDescriptor.PREPARED,
                        -1,
                        epochClock.nanoTime(),
                        segmentBytes,
                        IndexDescriptor.indexBytes(segmentBytes),
                        settings.alignBytes(),
                        settings.batchBytesMax(),
                        0,
                        logId);
        file.allocate(segmentBytes, settings.preallocation());
        SegmentFile.writeHeader(file, header);
        file.sync();
        file.uncache();
        directory.rename(spare, SegmentDescriptor.fileName(number));
        return header;
    }

    /**
     * Makes durable what {@link #free} could not, if anything. To be done before the next is freed:
     * of two segments freed a power cut must not bring back the older one alone.
     */
    void syncFreed() {
        if (isFreeUnsynced) {
            directory.sync();
            isFreeUnsynced = false;
        }
    }

    /**
     * Takes a segment out of the log, durably after {@link #syncFreed}; keeps its file to make
     * another of, if it fits.
     */
    void free(SealedSegment segment) {
        sweep();
        String name = SegmentDescriptor.fileName(segment.header().number());
        if (spares.size() < settings.preparedCount() && isRecyclable(segment, name)) {
            recycle(name);
        } else {
            directory.delete(name);
        }
        isFreeUnsynced = true;
    }

    /** A full disk may have no room for another name; to remove one takes none. */
    private void recycle(String name) {
        String spare = LogDirectoryLayout.spareName(nextNumber++);
        try {
            directory.rename(name, spare);
            spares.add(spare);
        } catch (AppendException thrown) {
            if (thrown.code() != AppendException.Code.DISK_FULL) {
                throw thrown;
            }
            directory.delete(name);
        }
    }

    /**
     * Another size may come from other settings, a short file from an orderly close, and one that
     * has its size, but not all of its blocks, from a truncation. Where there is no descriptor to
     * look with, it is not worth waiting for one.
     */
    private boolean isRecyclable(SealedSegment segment, String name) {
        if (segment.header().segmentBytes() != settings.segmentBytes()
                || segment.bytes() != settings.segmentBytes()) {
            return false;
        }
        try (StoreFile file = directory.openForReading(name)) {
            return file.size() == settings.segmentBytes();
        } catch (AppendException thrown) {
            if (!Errno.isOutOfDescriptors(thrown.errno())) {
                throw thrown;
            }
            return false;
        }
    }

    /** Removes a segment made ready but not used; durable after the next sync of the directory. */
    void discard(SegmentDescriptor.Header header) {
        directory.delete(SegmentDescriptor.fileName(header.number()));
    }

    /** Removes what is kept for reuse and makes all removals durable. */
    void close() {
        if (unsynced != null) {
            discard(unsynced.header());
        }
        while (!spares.isEmpty()) {
            directory.delete(spares.remove());
        }
        directory.sync();
    }
}
