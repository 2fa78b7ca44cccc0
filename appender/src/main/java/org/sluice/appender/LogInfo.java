package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;

import java.nio.file.Path;
import java.util.List;

/**
 * Quick facts of a log: sealed segments are believed, only the rest is read. Writes nothing, needs
 * no lock, and may be asked beside the process that writes the log.
 *
 * @param directory the log's directory
 * @param logId the log's random identity, 0 if it was never written
 * @param formatVersion of its files
 * @param segments segments that hold entries or are to be appended to
 * @param sealedSegments those of them that are complete and have their sparse index
 * @param otherFiles segments made ready, voided or never finished, and spare files
 * @param fileBytes size of all segment files
 * @param firstIndex index of the first entry kept
 * @param nextIndex index after the last entry, so that {@code nextIndex - firstIndex} are kept
 * @param firstTimeNs time of the first batch, ns since 1970; 0 if there is none
 * @param lastTimeNs time of the last batch, ns since 1970; 0 if there is none
 * @param provenDurableIndex the highest index that the files themselves prove to have been durable,
 *     -1 for none
 * @param isClosed whether nothing was written since the log was last closed in order; it may be
 *     open
 * @param tornTailBytes bytes of intact batches behind the log's end
 * @param damages what is wrong as far as this quick look can tell, the first 1,000 if there are
 *     more; {@link LogVerifier} tells all
 * @param moreDamages how many more there are
 */
public record LogInfo(
        Path directory,
        long logId,
        int formatVersion,
        int segments,
        int sealedSegments,
        int otherFiles,
        long fileBytes,
        long firstIndex,
        long nextIndex,
        long firstTimeNs,
        long lastTimeNs,
        long provenDurableIndex,
        boolean isClosed,
        long tornTailBytes,
        List<LogDamage> damages,
        long moreDamages) {

    /** Makes the list of damages unmodifiable. */
    public LogInfo {
        damages = List.copyOf(damages);
    }

    /**
     * Looks at the log in {@code directory}.
     *
     * @throws AppendException NOT_FOUND, NOT_A_LOG, ACCESS_DENIED, NEWER_FORMAT, IO; never for
     *     damage
     */
    public static LogInfo of(Path directory) {
        JvmFlags.check();
        LogDirectoryLayout.checkForLog(directory);
        return of(new FileSystemDirectory(directory));
    }

    static LogInfo of(StoreDirectory directory) {
        LogAnalysis found = LogAnalyzer.analyze(directory, AnalysisMode.LOOK, VerifyProgress.NONE);
        LogListing listing = found.listing;
        int sealed = (int) found.live.stream().filter(LogAnalysis.LiveSegment::isSealed).count();
        int others = listing.segments().size() - found.live.size() + listing.spares().size();
        return new LogInfo(
                directory.path(),
                listing.logId(),
                SegmentDescriptor.VERSION,
                found.live.size(),
                sealed,
                others,
                listing.fileBytes(),
                found.firstIndex,
                found.nextIndex,
                found.firstTimeNs,
                found.lastTimeNs,
                found.provenIndex,
                found.isClosed,
                found.tornBytes,
                found.damages,
                found.moreDamages);
    }
}
