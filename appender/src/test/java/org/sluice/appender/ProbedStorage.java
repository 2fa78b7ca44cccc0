package org.sluice.appender;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Preallocation;
import org.sluice.store.Storage;
import org.sluice.store.StoreDirectory;

import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A real disk with a probe around it: it knows what a sync has proven durable, and it can be
 * stalled and made to fail.
 */
final class ProbedStorage implements Storage {
    private final Storage target;
    private final DurableModel model = new DurableModel();
    private final ProbedDirectory directory;

    private volatile ToIntFunction<ProbedIo.Operation> fault = operation -> 0;
    private volatile Predicate<ProbedIo.Operation> hold = operation -> false;

    private volatile long submittedTo;
    private volatile int batchCount;
    private volatile int awaitedCount;
    private volatile int syncCount;
    private volatile int behindCount;
    private volatile RuntimeException closeFault;
    private volatile int leftAtClose;

    ProbedStorage(Storage target) {
        this.target = target;
        this.directory = new ProbedDirectory(target.directory());
    }

    /** What is durable, as far as writes and syncs tell. */
    DurableModel model() {
        return model;
    }

    /** Completions of these operations are not handed out for as long as {@code hold} says so. */
    void hold(Predicate<ProbedIo.Operation> hold) {
        this.hold = hold;
    }

    /** Hands nothing out until {@link #resume}. */
    void stall() {
        hold(operation -> true);
    }

    /** Holds nothing back any more. */
    void resume() {
        hold(operation -> false);
    }

    boolean isHeld(ProbedIo.Operation operation) {
        return hold.test(operation);
    }

    /** Operations for which {@code fault} has an errno fail with it, undone; 0 lets them pass. */
    void fault(ToIntFunction<ProbedIo.Operation> fault) {
        this.fault = fault;
    }

    /** The index after the last entry that the disk was given. */
    long submittedTo() {
        return submittedTo;
    }

    /** Closing the engine ends with {@code thrown}, and with so many operations in flight. */
    void failClose(RuntimeException thrown, int left) {
        closeFault = thrown;
        leftAtClose = left;
    }

    int leftAtClose() {
        return leftAtClose;
    }

    void closed() {
        if (closeFault != null) {
            throw closeFault;
        }
    }

    /** Batches that the disk was given. */
    int batchCount() {
        return batchCount;
    }

    /** How many of them were such that a thread waits for them. */
    int awaitedCount() {
        return awaitedCount;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void submitted(ProbedIo.Operation operation, boolean isAwaited) {
        if (operation.entryCount() > 0) {
            awaitedCount += isAwaited ? 1 : 0;
            batchCount++;
            submittedTo = operation.baseIndex() + operation.entryCount();
        }
    }

    /** Syncs that the disk was given. */
    int syncCount() {
        return syncCount;
    }

    /** How many of them were such that the writer goes on meanwhile. */
    int behindCount() {
        return behindCount;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void syncing(boolean isBehind) {
        syncCount++;
        behindCount += isBehind ? 1 : 0;
    }

    int errnoOf(ProbedIo.Operation operation) {
        return fault.applyAsInt(operation);
    }

    @Override
    public Backend backend() {
        return target.backend();
    }

    @Override
    public Capabilities capabilities() {
        return target.capabilities();
    }

    @Override
    public StoreDirectory directory() {
        return directory;
    }

    ProbedDirectory probedDirectory() {
        return directory;
    }

    @Override
    public Preallocation preferredPreallocation() {
        return target.preferredPreallocation();
    }

    @Override
    public int alignBytes() {
        return target.alignBytes();
    }

    @Override
    public AsyncIo openIo(AlignedBlockPool pool, int capacity) {
        return new ProbedIo(this, target.openIo(pool, capacity));
    }
}
