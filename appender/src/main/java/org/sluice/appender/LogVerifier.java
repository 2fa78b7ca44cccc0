package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.StoreDirectory;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Reads every batch of a log and says whether all of it is sound. Writes nothing, needs no lock,
 * and may run beside the process that writes the log. Stateless; any thread.
 */
public final class LogVerifier {

    /**
     * What was found. Counts are of what can be read, before and behind damage.
     *
     * @param directory the log's directory
     * @param segments segments that hold entries or are to be appended to
     * @param batches batches read
     * @param entries entries in them, aborted ones included
     * @param aborted entries that were given up by their producer
     * @param batchBytes bytes of the batches, without padding
     * @param firstIndex index of the first entry kept
     * @param nextIndex index after the last entry
     * @param firstTimeNs time of the first batch, ns since 1970; 0 if there is none
     * @param lastTimeNs time of the last batch, ns since 1970; 0 if there is none
     * @param provenDurableIndex the highest index that the files themselves prove to have been
     *     durable, -1 for none; what was acknowledged later, with no batch after it, leaves no
     *     proof
     * @param isClosed whether the log was closed in order
     * @param tornTailBytes bytes of intact batches behind the log's end, which were on their way
     *     when it stopped and will be cut off when it is opened
     * @param damages every place where acknowledged data can't be read, in the order of the log;
     *     the first 1,000 if there are more
     * @param moreDamages how many more there are
     */
    public record Result(
            Path directory,
            int segments,
            long batches,
            long entries,
            long aborted,
            long batchBytes,
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
        public Result {
            damages = List.copyOf(damages);
        }

        /** Whether there is no damage. */
        public boolean isSound() {
            return damages.isEmpty();
        }
    }

    private LogVerifier() {}

    /** As {@link #verify(Path, VerifyProgress)}, telling nobody how far it has come. */
    public static Result verify(Path directory) {
        return verify(directory, VerifyProgress.NONE);
    }

    /**
     * Verifies the log in {@code directory}.
     *
     * @throws AppendException NOT_FOUND, NOT_A_LOG, ACCESS_DENIED, NEWER_FORMAT, IO; never for
     *     damage
     */
    public static Result verify(Path directory, VerifyProgress progress) {
        JvmFlags.check();
        Objects.requireNonNull(progress);
        LogDirectoryLayout.checkForLog(directory);
        return verify(new FileSystemDirectory(directory), progress);
    }

    static Result verify(StoreDirectory directory, VerifyProgress progress) {
        LogAnalysis found = LogAnalyzer.analyze(directory, AnalysisMode.VERIFY, progress);
        return new Result(
                directory.path(),
                found.live.size(),
                found.batches,
                found.entries,
                found.aborted,
                found.batchBytes,
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
