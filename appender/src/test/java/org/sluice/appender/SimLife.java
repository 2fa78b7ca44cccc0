package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SimulatedDisk;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One open log, from open to whatever ends it: does random things with it, and holds all that it
 * says against the model.
 */
final class SimLife {
    /** Names of what is counted. */
    static final String FAILURES = "logs failed by a fault";

    static final String TRUNCATIONS = "truncations after an index";

    private final SimWorld world;
    private final Random random;
    private final SimulatedDisk disk;
    private final SimModel model;
    private final AppendLog log;
    private final SimThreads threads;
    private final boolean syncs;
    private final SimProducers producers;
    private final SimReaders readers;
    private long lastDurableIndex;
    private long lastFirstIndex;
    private long lastToldIndex = -1;
    private boolean isListening;
    private Throwable listenerFailure;
    private boolean isEnding;
    private boolean isEndedByFullDisk;

    SimLife(SimWorld world, AppendLog log, AppendLogConfig config, SimThreads threads) {
        this.world = world;
        this.random = world.random;
        this.disk = world.disk;
        this.model = world.model;
        this.log = log;
        this.threads = threads;
        this.syncs = config.syncPolicy() != SyncPolicy.NEVER;
        this.readers = new SimReaders(world, log);
        this.producers = new SimProducers(world, log, config, threads, () -> isEnding);
        this.lastDurableIndex = log.durableIndex();
        if (!syncs) {
            model.neverSyncs();
        }
    }

    /** Does something {@code steps} times, unless the power goes or the log fails before. */
    void live(int steps) {
        for (int i = 0; i < steps && isAlive(); i++) {
            act();
            observe();
        }
        if (!disk.isOff() && !threads.isWriting()) {
            checkFailed();
        }
    }

    boolean isAlive() {
        return !disk.isOff() && threads.isWriting();
    }

    private void act() {
        switch (random.nextInt(64)) {
            case 0 -> readers.open();
            case 1, 2, 3, 4 -> readers.read();
            case 5 -> truncateBefore();
            case 6 -> truncateAfter();
            case 7 -> changeDisk();
            case 8 -> listen();
            case 9, 10, 11, 12 -> producers.beginClaim();
            case 13, 14, 15, 16, 17 -> producers.endClaim();
            case 18, 19, 20 -> askForDurable();
            case 21 -> askForWritten();
            case 22 -> world.clock.leap();
            case 23 -> changeTime();
            case 24, 25, 26 -> burst();
            case 27, 28, 29, 30, 31, 32, 33, 34, 35 -> producers.append();
            default -> threads.step();
        }
    }

    private void burst() {
        for (int i = random.nextInt(40); i > 0 && isAlive(); i--) {
            producers.append();
            threads.step();
        }
    }

    // ---- waiting ----

    /** A wait that is over at once asks for the sync all the same. */
    private void askForDurable() {
        long index = log.nextIndex() - 1 - (world.oneIn(2) ? 0 : random.nextInt(4));
        if (index < 0 || index >= log.nextIndex()) {
            return;
        }
        try {
            if (log.awaitDurable(index, 0, TimeUnit.NANOSECONDS)) {
                model.durable(index);
            }
        } catch (AppendException thrown) {
            refused(thrown);
        }
    }

    private void askForWritten() {
        long index = log.nextIndex() - 1;
        if (index < 0) {
            return;
        }
        try {
            if (log.awaitWritten(index, 0, TimeUnit.NANOSECONDS)) {
                model.written(index);
            }
        } catch (AppendException thrown) {
            refused(thrown);
        }
    }

    private void refused(AppendException thrown) {
        boolean mayBe =
                switch (thrown.code()) {
                    case SYNC_DISABLED -> !syncs;
                    case DISK_FULL -> disk.wasFull();
                    case FAILED -> !threads.isWriting();
                    default -> false;
                };
        if (!mayBe) {
            throw new SimModel.Violation("a wait ended with " + thrown.getMessage(), thrown);
        }
    }

    private void listen() {
        if (isListening || !syncs) {
            return;
        }
        isListening = true;
        lastToldIndex = log.durableIndex();
        log.onDurable(this::told);
    }

    /** The log catches what a listener throws, so it is kept for later. */
    private void told(long index) {
        try {
            SimModel.check(index > lastToldIndex, index + " told after " + lastToldIndex);
            lastToldIndex = index;
            model.durable(index);
            if (world.oneIn(4)) {
                producers.append();
            }
        } catch (Throwable thrown) {
            listenerFailure = thrown;
        }
    }

    // ---- truncating ----

    private void truncateBefore() {
        if (model.nextIndex() == 0 || !world.oneIn(2)) {
            return;
        }
        long index = random.nextLong(log.nextIndex() + 1);
        model.truncatingBefore(index);
        try {
            log.truncateBefore(index);
            world.events.tell(() -> "truncated before " + index + " to " + log.firstIndex());
            model.truncatedBefore(log.firstIndex());
        } catch (AppendException thrown) {
            boolean isFull = thrown.code() == Code.DISK_FULL;
            SimModel.check(isFull || disk.mayFail() || disk.isOff(), "no truncation: " + thrown);
        }
    }

    private void truncateAfter() {
        if (!world.oneIn(2)) {
            return;
        }
        if (producers.hasClaims() && (!producers.isShared() || !world.oneIn(8))) {
            return;
        }
        long first = log.firstIndex();
        long index = first - 1 + random.nextLong(log.nextIndex() - first + 1);
        world.events.tell(() -> "truncating after " + index);
        readers.close();
        model.truncatingAfter(index);
        isEnding = true;
        try {
            log.truncateAfter(index);
            world.events.count(TRUNCATIONS);
            model.truncatedAfter(index);
            SimModel.check(
                    log.nextIndex() == index + 1,
                    "truncated after " + index + ", but the next is " + log.nextIndex());
            lastDurableIndex = log.durableIndex();
            lastToldIndex = lastDurableIndex;
        } catch (IllegalArgumentException retained) {
            SimModel.check(index < log.firstIndex() - 1, "" + retained);
            model.notTruncated();
        } catch (AppendException thrown) {
            refusedTruncation(thrown);
        } finally {
            isEnding = false;
        }
    }

    private void refusedTruncation(AppendException thrown) {
        boolean isFull = thrown.code() == Code.DISK_FULL && disk.wasFull();
        if (threads.isWriting() && !disk.isOff()) {
            SimModel.check(
                    isFull || thrown.code() == Code.BACK_PRESSURED, "not truncated: " + thrown);
            model.notTruncated();
        } else {
            SimModel.check(isFull || mayEndBadly(), "no truncation: " + thrown);
            isEndedByFullDisk = isFull;
        }
    }

    // ---- the disk and the time ----

    private void changeDisk() {
        switch (random.nextInt(4)) {
            case 0 -> disk.fill(4_096L * random.nextInt(24));
            case 1 -> disk.free();
            case 2 -> {
                disk.fail(world.someCalls(), 4 << random.nextInt(6));
            }
            default -> disk.heal();
        }
    }

    private void changeTime() {
        if (random.nextBoolean()) {
            world.clock.setWallClock();
        }
    }

    // ---- holding it to what it says ----

    private void observe() {
        if (listenerFailure != null) {
            throw new SimModel.Violation("in a listener: " + listenerFailure, listenerFailure);
        }
        if (disk.isOff()) {
            return;
        }
        long durable = log.durableIndex();
        SimModel.check(
                durable >= lastDurableIndex, durable + " is durable after " + lastDurableIndex);
        lastDurableIndex = durable;
        long first = log.firstIndex();
        SimModel.check(first >= lastFirstIndex, first + " is first after " + lastFirstIndex);
        lastFirstIndex = first;
        if (syncs) {
            model.durable(durable);
        }
        if (threads.isWriting()) {
            model.written(log.writtenIndex());
            SimModel.check(!disk.mustFail(), "the disk failed for good, the log goes on");
        }
        SimModel.check(
                durable <= Math.max(log.writtenIndex(), durable),
                "durable " + durable + " is not written");
    }

    /** A log that failed says so, and why, for ever. */
    private void checkFailed() {
        model.failed();
        world.events.count(FAILURES);
        for (int i = 0; i < 3 && !disk.isOff(); i++) {
            SimModel.check(log.tryAppend(new byte[1]) == AppendLog.FAILED, "a failed log appends");
            long last = log.nextIndex() - 1;
            if (last > log.durableIndex() && syncs) {
                checkFailedWait(last);
            }
            SimModel.check(
                    log.durableIndex() == lastDurableIndex || !syncs,
                    "a failed log makes more durable");
            threads.step();
            if (producers.hasClaims()) {
                producers.endClaim();
            }
        }
    }

    private void checkFailedWait(long index) {
        try {
            boolean isDurable = log.awaitDurable(index, 0, TimeUnit.NANOSECONDS);
            throw new SimModel.Violation("a wait of a failed log ended with " + isDurable);
        } catch (AppendException thrown) {
            SimModel.check(thrown.code() == Code.FAILED, "a failed log says " + thrown);
            boolean isExplained = disk.mayFail() && disk.gave(thrown.errno());
            if (!isExplained && !disk.isOff()) {
                throw new SimModel.Violation("the log failed by itself: " + thrown, thrown);
            }
        }
    }

    // ---- ending ----

    /** Everything appended becomes durable, if nothing is in its way any more. */
    void settle() {
        disk.heal();
        while (producers.hasClaims()) {
            producers.endClaim();
        }
        long last = log.nextIndex() - 1;
        for (int i = 0; i < 5_000 && isAlive() && log.writtenIndex() < last; i++) {
            threads.step();
        }
        for (int i = 0; i < 5_000 && syncs && isAlive() && log.durableIndex() < last; i++) {
            askForDurable();
            threads.step();
        }
        if (isAlive()) {
            SimModel.check(log.writtenIndex() >= last, "what was appended is not written");
            SimModel.check(
                    !syncs || log.durableIndex() >= last, "what was waited for is not durable");
            readers.drain(last);
            observe();
        }
    }

    /** Closes in order; true if the log says that it has. */
    boolean close() {
        while (producers.hasClaims() && (!producers.isShared() || !world.oneIn(64))) {
            producers.endClaim();
        }
        isEnding = true;
        readers.close();
        try {
            log.close();
            observe();
            model.closed();
            return true;
        } catch (AppendException thrown) {
            if (!mayEndBadly()) {
                throw new SimModel.Violation("close failed: " + thrown, thrown);
            }
            if (!disk.isOff()) {
                observe();
            }
            model.failed();
            return false;
        }
    }

    private boolean mayEndBadly() {
        boolean mayBeLate = threads.timeouts() > 0 && (disk.wasFull() || producers.hasClaims());
        return disk.isOff() || disk.mayFail() || mayBeLate || isEndedByFullDisk;
    }
}
