package org.sluice.appender;

import org.sluice.appender.LogAnalysis.LiveSegment;
import org.sluice.store.AppendException;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a log that was left in any way ready to be written: {@link LogAnalyzer} says what it is,
 * and this carries out what follows.
 *
 * <p>Segments that are no part of the log are deleted; what stands behind its end is cut off, so
 * that nothing stale can come alive when entries are written there; what was only scanned is
 * synced, because from now on batches will claim that it is durable; whole segments get their
 * sparse index.
 *
 * <p>Stopped at any point, by a crash or a power cut, it can be done again with the same result.
 * The caller holds the directory's lock.
 */
final class Recovery {
    private static final int REWRITE_BYTES = 1 << 20;

    private final StoreDirectory directory;
    private final LogAnalysis analysis;

    private Recovery(StoreDirectory directory, LogAnalysis analysis) {
        this.directory = directory;
        this.analysis = analysis;
    }

    /**
     * Recovers the log in {@code directory}. The last segment of the result is never sealed; its
     * file ends where its last batch ends.
     *
     * @throws AppendException CORRUPT if data that was acknowledged is damaged: then nothing was
     *     changed; NEWER_FORMAT, NOT_A_LOG, and what reading and writing files fails with
     */
    static RecoveredLog recover(StoreDirectory directory) {
        LogAnalysis analysis =
                LogAnalyzer.analyze(directory, AnalysisMode.OPEN, VerifyProgress.NONE);
        if (!analysis.damages.isEmpty()) {
            throw mostTelling(directory, analysis).exception();
        }
        return new Recovery(directory, analysis).carryOut();
    }

    /** A header that can't be read may say that others, which look damaged, are void. */
    private static LogDamage mostTelling(StoreDirectory directory, LogAnalysis analysis) {
        LogDamage first = analysis.damages.get(0);
        if (first.isUnreadable()) {
            return first;
        }
        for (ListedSegment segment : analysis.listing.segments()) {
            if (segment.isUnreadable()) {
                return new LogDamage(
                        directory.path().resolve(segment.name()),
                        0,
                        LogDamage.UNKNOWN,
                        LogDamage.UNKNOWN,
                        segment.fault(),
                        true);
            }
        }
        return first;
    }

    private RecoveredLog carryOut() {
        // What makes entries void, deleted or cut off below, may be a file whose name is not
        // durable yet.
        directory.sync();
        unsealTail();
        deleteLeftovers();
        List<RecoveredLog.Segment> segments = new ArrayList<>();
        int tail = analysis.live.size() - 1;
        for (int i = 0; i <= tail; i++) {
            LiveSegment segment = analysis.live.get(i);
            boolean isSealed = false;
            if (i == tail) {
                finishTail(segment);
            } else {
                isSealed = finishWhole(segment);
            }
            segments.add(
                    new RecoveredLog.Segment(
                            segment.header(),
                            segment.nextIndex(),
                            segment.endPosition(),
                            segment.lastTimeNs(),
                            isSealed));
        }
        directory.sync();
        return new RecoveredLog(
                analysis.listing.logId(),
                segments,
                analysis.firstIndex,
                analysis.nextIndex,
                analysis.lastTimeNs,
                analysis.listing.numberMax() + 1,
                analysis.isClosed,
                tail < 0 ? null : analysis.tail().points().grown());
    }

    /**
     * A sealed segment says that another was begun behind it; what is deleted next may be all that
     * there is of that one.
     */
    private void unsealTail() {
        if (analysis.live.isEmpty() || !analysis.tail().isSealed()) {
            return;
        }
        LiveSegment tail = analysis.tail();
        try (StoreFile file = directory.openForWriting(tail.file().name())) {
            file.truncate(tail.endPosition());
            file.sync();
        }
    }

    private void deleteLeftovers() {
        List<ListedSegment> leftovers = analysis.leftovers();
        List<String> spares = analysis.listing.spares();
        if (leftovers.isEmpty() && spares.isEmpty()) {
            return;
        }
        for (int i = leftovers.size() - 1; i >= 0; i--) {
            delete(leftovers.get(i));
        }
        for (String spare : spares) {
            directory.delete(spare);
        }
        directory.sync();
    }

    private void delete(ListedSegment segment) {
        if (segment.state() == ListedSegment.State.VOID) {
            // A reader that has the file open must not go on in it.
            try (StoreFile file = directory.openForWriting(segment.name())) {
                file.truncate(SegmentDescriptor.HEADER_BYTES);
            }
        }
        directory.delete(segment.name());
    }

    /** Cuts the file where its batches end, which takes a sparse index away too. */
    private void finishTail(LiveSegment segment) {
        try (StoreFile file = directory.openForWriting(segment.file().name())) {
            file.truncate(segment.endPosition());
            if (!analysis.isClosed) {
                rewrite(file, segment.endPosition());
            }
            file.sync();
        }
    }

    /**
     * Writes the file's bytes once more, each where it stands. If a sync failed before the crash
     * the kernel may have marked pages clean that never reached the disk, and a sync alone would
     * then prove nothing (Rebello et al., "Can Applications Recover from fsync Failures?", ATC
     * 2020).
     */
    private static void rewrite(StoreFile file, long end) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) Math.min(REWRITE_BYTES, Math.max(1, end)));
        long position = 0;
        while (position < end) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), end - position));
            int length = file.read(bytes, position);
            if (length == 0) {
                return;
            }
            file.write(bytes.flip(), position);
            position += length;
        }
    }

    /** Seals what a crash kept from being sealed. */
    private boolean finishWhole(LiveSegment segment) {
        if (segment.isSealed()) {
            return true;
        }
        try (StoreFile file = directory.openForWriting(segment.file().name())) {
            if (segment.file().limitIndex() != Long.MAX_VALUE) {
                file.truncate(segment.endPosition());
            }
            rewrite(file, segment.endPosition());
            file.sync();
            return seal(segment, file);
        }
    }

    /** A log opens on a full disk too: without its index the segment is scanned next time. */
    private static boolean seal(LiveSegment segment, StoreFile file) {
        try {
            SegmentFile.writeIndex(
                    file,
                    segment.header(),
                    segment.points(),
                    segment.nextIndex(),
                    segment.endPosition());
            return true;
        } catch (AppendException e) {
            if (e.code() != AppendException.Code.DISK_FULL) {
                throw e;
            }
            return false;
        }
    }
}
