package org.sluice.appender;

import org.agrona.concurrent.NanoClock;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentKeeper;

import java.util.ArrayDeque;

/**
 * Decides what is written and what is durable, and when to sync. Writer thread only.
 *
 * <p>Both positions are prefixes. A batch counts as written once it and all before it are; the
 * written part becomes durable by a sync:
 *
 * <pre>
 *    … durable | written, needs a sync | in flight …
 *              ^ durableIndex          ^ writtenIndex
 * </pre>
 *
 * <p>A segment that was rolled out of is synced before anything in the next one counts as durable,
 * and only then handed to the keeper for its index.
 */
final class Durability {
    /** Tag of a sync; those of writes are 0 and up. */
    static final long SYNC_TAG = -1;

    /** How long there may be nothing to write before waiters are served short of the goal. */
    private static final long GOAL_PATIENCE_NS = 1_000_000;

    private final SyncPolicy policy;
    private final IndexWaiters writtenWaiters;
    private final IndexWaiters durableWaiters;
    private final DurableListeners listeners;
    private final SegmentKeeper keeper;
    private final StatsRecorder stats;
    private final NanoClock clock;
    private final ArrayDeque<ActiveSegment> rolledOut = new ArrayDeque<>();

    private ActiveSegment active;

    /** Number of the newest segment whose header is as durable as the policy asks. */
    private long begunNumber;

    private long writtenIndex;
    private long durableIndex;
    private long lastSyncNs;
    private long goalIndex = -1;
    private long goalSetNs;

    private ActiveSegment syncing;
    private long syncTargetIndex;
    private long syncStartNs;

    Durability(
            AppendLogConfig config,
            IndexWaiters writtenWaiters,
            IndexWaiters durableWaiters,
            DurableListeners listeners,
            SegmentKeeper keeper,
            StatsRecorder stats) {
        this.policy = config.syncPolicy();
        this.clock = config.nanoClock();
        this.writtenWaiters = writtenWaiters;
        this.durableWaiters = durableWaiters;
        this.listeners = listeners;
        this.keeper = keeper;
        this.stats = stats;
        this.writtenIndex = writtenWaiters.position();
        this.durableIndex = durableWaiters.position();
        this.lastSyncNs = clock.nanoTime();
    }

    long durableIndex() {
        return durableIndex;
    }

    long writtenIndex() {
        return writtenIndex;
    }

    /** Batches from now on go to {@code segment}; the one before waits for its last sync. */
    void rollTo(ActiveSegment segment) {
        if (active != null) {
            rolledOut.add(active);
        }
        active = segment;
    }

    /** A write has left the window: all before it are written, and now it is. */
    void onWritten(Write write) {
        if (write.position == 0) {
            begunNumber = write.segment.header.number();
        }
        if (write.lastIndex > writtenIndex) {
            writtenIndex = write.lastIndex;
            writtenWaiters.raise(writtenIndex);
        }
    }

    /**
     * Submits the sync that is due, if any, and hands back segments that are done.
     *
     * @param isIdle whether nothing is being written
     */
    int doWork(long nowNs, boolean isIdle, boolean isClosing) {
        if (syncing != null) {
            return 0;
        }
        int work = handBack();
        if (policy.kind() == SyncPolicy.Kind.NEVER) {
            return work;
        }
        ActiveSegment segment = rolledOut.peek();
        if (segment != null) {
            return writtenIndex >= segment.lastIndex && !isAsDurableAsAsked(segment)
                    ? work + sync(segment, segment.lastIndex, nowNs, isClosing)
                    : work;
        }
        if (writtenIndex > durableIndex && (isClosing || isDue(nowNs, isIdle))) {
            return work + sync(active, writtenIndex, nowNs, isClosing);
        }
        return work;
    }

    /** Whether everything written is as durable as the policy asks at close. */
    boolean isSettled() {
        boolean isDurable = policy.kind() == SyncPolicy.Kind.NEVER || durableIndex == writtenIndex;
        return syncing == null && rolledOut.isEmpty() && isDurable;
    }

    /** Whether a caller waits for something that is not durable yet. */
    boolean isWanted() {
        return durableWaiters.wanted() > durableIndex;
    }

    /** The sync submitted last has ended. */
    void onSync(int result) {
        ActiveSegment synced = syncing;
        syncing = null;
        if (result < 0) {
            throw new AppendException(
                    AppendException.Code.IO,
                    "sync of "
                            + SegmentDescriptor.fileName(synced.header.number())
                            + " failed: "
                            + Errno.sentence(-result),
                    null,
                    durableIndex + 1,
                    -result,
                    null);
        }
        long nowNs = clock.nanoTime();
        stats.onSync(nowNs - syncStartNs, synced.header.number(), syncTargetIndex);
        lastSyncNs = nowNs;
        raiseDurable(syncTargetIndex);
    }

    /**
     * A caller is served once what it waits for is written. The goal is taken from whoever waits
     * when it is set: one far goal costs one sync, and later callers can't put off earlier ones. An
     * entry that is claimed and not committed must not put off anyone either, not even whoever is
     * to commit it.
     */
    private boolean isGoalWritten(long nowNs, boolean isIdle) {
        if (!isWanted()) {
            return false;
        }
        if (goalIndex <= durableIndex) {
            goalIndex = durableWaiters.wanted();
            goalSetNs = nowNs;
        }
        return writtenIndex >= goalIndex || (isIdle && nowNs - goalSetNs >= GOAL_PATIENCE_NS);
    }

    private boolean isDue(long nowNs, boolean isIdle) {
        return isGoalWritten(nowNs, isIdle)
                || !listeners.isEmpty()
                || policy.kind() == SyncPolicy.Kind.EVERY_BATCH
                || (policy.kind() == SyncPolicy.Kind.INTERVAL
                        && nowNs - lastSyncNs >= policy.intervalNs());
    }

    /**
     * A thread that waits is best served by a sync that begins at once. For listeners, an interval
     * or a roll the writer goes on meanwhile: a slow disk must not keep it from the slots.
     */
    private int sync(ActiveSegment segment, long targetIndex, long nowNs, boolean isClosing) {
        boolean isAwaited = isClosing || isWanted();
        boolean isSubmitted =
                isAwaited ? segment.file.sync(SYNC_TAG) : segment.file.syncBehind(SYNC_TAG);
        if (!isSubmitted) {
            return 0;
        }
        syncing = segment;
        syncTargetIndex = targetIndex;
        syncStartNs = nowNs;
        return 1;
    }

    private int handBack() {
        int work = 0;
        ActiveSegment segment;
        while ((segment = rolledOut.peek()) != null && isDone(segment)) {
            rolledOut.remove();
            segment.file.close();
            keeper.seal(segment.header, segment.lastIndex + 1, segment.position, segment.points);
            work++;
        }
        return work;
    }

    /** The keeper may remove what it has, so the log must have been begun behind it. */
    private boolean isDone(ActiveSegment segment) {
        return begunNumber > segment.header.number() && isAsDurableAsAsked(segment);
    }

    private boolean isAsDurableAsAsked(ActiveSegment segment) {
        return policy.kind() == SyncPolicy.Kind.NEVER
                ? writtenIndex >= segment.lastIndex
                : durableIndex >= segment.lastIndex;
    }

    private void raiseDurable(long index) {
        durableIndex = index;
        durableWaiters.raise(index);
        listeners.onDurable(index);
    }
}
