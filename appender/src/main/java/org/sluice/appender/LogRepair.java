package org.sluice.appender;

import org.sluice.appender.LogAnalysis.LiveSegment;
import org.sluice.store.AppendException;
import org.sluice.store.DirectoryLock;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a damaged log one that opens again, with every entry up to the damage. What stands behind
 * the damage is given up, but not destroyed: every file that is cut is copied first, and every file
 * that is dropped is renamed, both to {@code damaged-} and the segment's name, in the log's
 * directory, where the log ignores them.
 *
 * <p>New entries get the indexes of lost ones at the log's end again: whoever remembers such an
 * index, a follower or a checkpoint, is to be reset.
 *
 * <p>{@link #plan} says what would be done and changes nothing. {@link #execute} does it; stopped
 * at any point, it can be called again. Both read the whole log. Stateless; any thread.
 */
public final class LogRepair {

    /** What is done to a file. */
    public enum Action {
        /** It is copied to {@code damaged-NAME}. */
        COPY,
        /** It is renamed to {@code damaged-NAME}. */
        SET_ASIDE,
        /** It is cut off at {@link Step#position}. */
        CUT
    }

    /**
     * One step of a repair.
     *
     * @param action what is done
     * @param name of the file it is done to, in the log's directory
     * @param position where the file is cut, 0 for other actions
     * @param unreadableBytes bytes of a file copied that could not be read, so that zeros stand for
     *     them in the copy; 0 before it is done, and for other actions
     */
    public record Step(Action action, String name, long position, long unreadableBytes) {
        /** What is done, in one sentence without a full stop. */
        public String sentence() {
            String damaged = LogDirectoryLayout.DAMAGED_PREFIX + name;
            return switch (action) {
                case COPY -> name + " is copied to " + damaged + zeros();
                case SET_ASIDE -> name + " is renamed to " + damaged;
                case CUT -> name + " is cut off at position " + position;
            };
        }

        private String zeros() {
            return unreadableBytes == 0
                    ? ""
                    : ", with zeros for " + unreadableBytes + " bytes that can't be read";
        }
    }

    /**
     * What a repair does.
     *
     * @param directory the log's directory
     * @param damages what is repaired
     * @param steps what is done, in this order
     * @param firstIndex index of the first entry afterwards
     * @param nextIndex index after the last entry afterwards
     * @param firstLostIndex the first entry that the log has no more afterwards, -1 if none is lost
     *     or it can't be told
     * @param lastLostIndex the last such entry that is known of, -1 if there is none; of those
     *     between, {@code firstIndex} to {@code nextIndex - 1} are kept
     */
    public record Plan(
            Path directory,
            List<LogDamage> damages,
            List<Step> steps,
            long firstIndex,
            long nextIndex,
            long firstLostIndex,
            long lastLostIndex) {

        /** Makes the lists unmodifiable. */
        public Plan {
            damages = List.copyOf(damages);
            steps = List.copyOf(steps);
        }

        /** Whether there is anything to repair. */
        public boolean isNeeded() {
            return !steps.isEmpty();
        }

        /** What is lost, in one sentence without a full stop. */
        public String lostEntries() {
            if (!isNeeded() || (firstLostIndex < 0 && lastLostIndex < 0)) {
                return "no entry is lost";
            }
            boolean keepsSome = firstIndex < nextIndex;
            boolean losesBoth = firstLostIndex < firstIndex && lastLostIndex >= firstIndex;
            return keepsSome && losesBoth
                    ? LogDamage.range(firstLostIndex, firstIndex - 1)
                            + " and "
                            + LogDamage.lost(nextIndex, lastLostIndex)
                    : LogDamage.lost(firstLostIndex, lastLostIndex);
        }
    }

    private LogRepair() {}

    /**
     * Says what {@link #execute} would do, without changing anything.
     *
     * @throws AppendException NOT_FOUND, NOT_A_LOG, ACCESS_DENIED, NEWER_FORMAT, IO
     */
    public static Plan plan(Path directory) {
        return plan(directory, VerifyProgress.NONE);
    }

    /**
     * As {@link #plan(Path)}, and tells how far it has read: from 0 again each time, for where
     * there is damage it reads the log several times.
     */
    public static Plan plan(Path directory, VerifyProgress progress) {
        JvmFlags.check();
        LogDirectoryLayout.checkForLog(directory);
        return plan(new FileSystemDirectory(directory), progress);
    }

    /**
     * Repairs the log.
     *
     * @return what was done; afterwards {@link AppendLog#open} succeeds
     * @throws AppendException LOCKED if the log is open; DISK_FULL if there is no room for a copy,
     *     and then nothing has changed; NOT_FOUND, NOT_A_LOG, ACCESS_DENIED, NEWER_FORMAT, IO
     */
    public static Plan execute(Path directory) {
        return execute(directory, VerifyProgress.NONE);
    }

    /** As {@link #execute(Path)}, and tells how far it has read, as {@link #plan} does. */
    public static Plan execute(Path directory, VerifyProgress progress) {
        JvmFlags.check();
        LogDirectoryLayout.checkForLog(directory);
        try (DirectoryLock lock = DirectoryLock.acquire(directory, StorePermissions.DEFAULT)) {
            assert lock != null;
            return execute(new FileSystemDirectory(directory), progress);
        }
    }

    static Plan execute(StoreDirectory directory) {
        return execute(directory, VerifyProgress.NONE);
    }

    private static Plan execute(StoreDirectory directory, VerifyProgress progress) {
        Plan plan = plan(directory, AnalysisMode.REPAIR, progress);
        RepairFiles files = new RepairFiles(directory);
        List<Step> done = new ArrayList<>();
        for (Step step : plan.steps()) {
            long unreadableBytes = 0;
            switch (step.action()) {
                case COPY -> unreadableBytes = files.copy(step.name());
                case SET_ASIDE -> files.setAside(step.name());
                case CUT -> files.cut(step.name(), step.position());
            }
            done.add(new Step(step.action(), step.name(), step.position(), unreadableBytes));
        }
        return new Plan(
                plan.directory(),
                plan.damages(),
                done,
                plan.firstIndex(),
                plan.nextIndex(),
                plan.firstLostIndex(),
                plan.lastLostIndex());
    }

    static Plan plan(StoreDirectory directory) {
        return plan(directory, VerifyProgress.NONE);
    }

    static Plan plan(StoreDirectory directory, VerifyProgress progress) {
        return plan(directory, AnalysisMode.PLAN, progress);
    }

    /** Goes from damage to damage, each time as if what was planned so far had been done. */
    private static Plan plan(StoreDirectory directory, AnalysisMode mode, VerifyProgress progress) {
        RepairView view = new RepairView(directory);
        List<LogDamage> damages = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        LogAnalysis analysis = LogAnalyzer.analyze(view, mode, progress);
        boolean losesFirst = false;
        long firstLost = LogDamage.UNKNOWN;
        long lastLost = LogDamage.UNKNOWN;
        long lastKnown =
                analysis.damages.isEmpty()
                        ? LogDamage.UNKNOWN
                        : lastKnown(LogVerifier.verify(directory, progress));
        while (!analysis.damages.isEmpty()) {
            LogDamage damage = analysis.damages.get(0);
            damages.add(damage);
            boolean dropsRest = planOne(analysis, damage, view, steps);
            if (dropsRest) {
                firstLost =
                        firstLost < 0
                                ? damage.firstIndex()
                                : Math.min(firstLost, damage.firstIndex());
                lastLost = Math.max(lastKnown, Math.max(lastLost, damage.lastIndex()));
            } else if (!damage.losesNothing()) {
                losesFirst = true;
                lastLost = Math.max(lastLost, damage.lastIndex());
            }
            analysis = LogAnalyzer.analyze(view, mode, progress);
        }
        return new Plan(
                directory.path(),
                damages,
                steps,
                analysis.firstIndex,
                analysis.nextIndex,
                losesFirst ? LogDamage.UNKNOWN : firstLost,
                lastLost);
    }

    /** The last entry there is a trace of: those behind the last that can be read are lost too. */
    private static long lastKnown(LogVerifier.Result found) {
        long last = found.nextIndex() - 1;
        for (LogDamage damage : found.damages()) {
            last = Math.max(last, damage.lastIndex());
        }
        return last;
    }

    /** Plans what takes the first damage away; true if everything behind it goes too. */
    private static boolean planOne(
            LogAnalysis analysis, LogDamage damage, RepairView view, List<Step> steps) {
        Path fileName = damage.file().getFileName();
        ListedSegment damaged =
                analysis.listing.find(SegmentDescriptor.numberOf(fileName.toString()));
        boolean isWhole = damaged.isActive() && damage.losesNothing();
        if (isWhole && damage.position() == damaged.header().indexPosition()) {
            cut(damaged, analysis.tail().endPosition(), view, steps);
            return false;
        }
        boolean isLeading = analysis.live.isEmpty();
        if (damage.position() == 0 && (isLeading || damage.losesNothing())) {
            setAside(damaged, view, steps);
            return false;
        }
        boolean isCut = damage.position() > 0;
        setAsideFrom(isCut ? damaged.number() + 1 : damaged.number(), analysis, view, steps);
        if (isCut) {
            cut(damaged, damage.position(), view, steps);
        } else if (analysis.tail().isSealed()) {
            unseal(analysis.tail(), view, steps);
        }
        return true;
    }

    /** Its index would say that what is set aside is missing; it can be made again. */
    private static void unseal(LiveSegment last, RepairView view, List<Step> steps) {
        cut(last.file(), last.endPosition(), view, steps);
    }

    /**
     * Plans to set aside the segments from {@code number} on. What proves the damage goes last:
     * stopped in between, the log must still refuse to open, or opening it would delete the others.
     */
    private static void setAsideFrom(
            long number, LogAnalysis analysis, RepairView view, List<Step> steps) {
        ListedSegment proof = null;
        for (ListedSegment segment : analysis.listing.segments()) {
            if (segment.number() == analysis.proofNumber) {
                proof = segment;
            } else if (segment.number() >= number) {
                setAside(segment, view, steps);
            }
        }
        if (proof != null && proof.number() >= number) {
            setAside(proof, view, steps);
        }
    }

    private static void setAside(ListedSegment segment, RepairView view, List<Step> steps) {
        steps.add(new Step(Action.SET_ASIDE, segment.name(), 0, 0));
        view.hide(segment.name());
    }

    /** Plans to copy the file before anything else happens, and to cut it off at the end. */
    private static void cut(
            ListedSegment segment, long position, RepairView view, List<Step> steps) {
        steps.addFirst(new Step(Action.COPY, segment.name(), 0, 0));
        steps.add(new Step(Action.CUT, segment.name(), position, 0));
        view.cut(segment.name(), position);
    }
}
