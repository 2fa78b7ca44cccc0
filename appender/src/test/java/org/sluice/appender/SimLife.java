package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SimulatedDisk;

import java.util.ArrayList;
import java.util.List;
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
    private final AppendLogConfig config;
    private final SimThreads threads;
    private final boolean syncs;
    private final int entryBytesMax;
    private final List<EntryClaim> claims = new ArrayList<>();
    private final List<SimReader> readers = new ArrayList<>();
    private long lastDurableIndex;
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
        this.config = config;
        this.threads = threads;
        this.syncs = config.syncPolicy() != SyncPolicy.NEVER;
        this.entryBytesMax = world.oneIn(2) ? 200 : config.maxEntryBytes();
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
            case 0 -> openReader();
            case 1, 2, 3, 4 -> read();
            case 5 -> truncateBefore();
            case 6 -> truncateAfter();
            case 7 -> changeDisk();
            case 8 -> listen();
            case 9, 10, 11, 12 -> beginClaim();
            case 13, 14, 15, 16, 17 -> endClaim();
            case 18, 19, 20 -> askForDurable();
            case 21 -> askForWritten();
            case 22 -> world.clock.leap();
            case 23 -> changeTime();
            case 24, 25, 26 -> burst();
            case 27, 28, 29, 30, 31, 32, 33, 34, 35 -> append();
            default -> threads.step();
        }
    }

    // ---- appending ----

    private boolean isShared() {
        return config.producers() == Producers.MULTI;
    }

    private boolean mayAppend() {
        // A single producer must end its claim first.
        return isShared() || claims.isEmpty();
    }

    private void append() {
        if (!mayAppend()) {
            return;
        }
        byte[] content = content();
        long indexOrCode = log.tryAppend(content);
        if (indexOrCode >= 0) {
            model.accept(indexOrCode, content);
        } else {
            checkRefusal(indexOrCode);
        }
    }

    private void burst() {
        for (int i = random.nextInt(40); i > 0 && isAlive(); i--) {
            append();
            threads.step();
        }
    }

    private byte[] content() {
        byte[] content = new byte[length()];
        random.nextBytes(content);
        return content;
    }

    private int length() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1, 2, 3 -> random.nextInt(Math.min(entryBytesMax, config.slotBytes()) + 1);
            case 4 -> entryBytesMax;
            default -> random.nextInt(entryBytesMax + 1);
        };
    }

    private void checkRefusal(long indexOrCode) {
        boolean mayBe =
                switch ((int) indexOrCode) {
                    case (int) AppendLog.BACK_PRESSURED -> true;
                    case (int) AppendLog.DISK_FULL -> disk.wasFull();
                    case (int) AppendLog.FAILED -> !threads.isWriting() || isEnding;
                    default -> isEnding;
                };
        SimModel.check(mayBe, "an append to a log that is well returned " + indexOrCode);
    }

    private void beginClaim() {
        if (!mayAppend() || claims.size() == 3) {
            return;
        }
        EntryClaim claim = new EntryClaim();
        long indexOrCode = log.tryClaim(length(), claim);
        if (indexOrCode >= 0) {
            model.claim(indexOrCode);
            claims.add(claim);
        } else {
            checkRefusal(indexOrCode);
        }
    }

    private void endClaim() {
        if (claims.isEmpty()) {
            return;
        }
        EntryClaim claim = claims.remove(random.nextInt(claims.size()));
        if (world.oneIn(3)) {
            model.abort(claim.index());
            claim.abort();
        } else {
            byte[] content = new byte[claim.length()];
            random.nextBytes(content);
            claim.buffer().putBytes(0, content);
            model.commit(claim.index(), content);
            claim.commit();
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
                append();
            }
        } catch (Throwable thrown) {
            listenerFailure = thrown;
        }
    }

    // ---- reading ----

    private void openReader() {
        if (readers.size() == 2) {
            return;
        }
        if (random.nextBoolean()) {
            try {
                readers.add(
                        new SimReader(
                                log.openReader(),
                                model,
                                -1,
                                log::writtenIndex,
                                this::visibleIndex,
                                this::mayFailReads));
            } catch (AppendException thrown) {
                SimModel.check(disk.mayFail() || disk.isOff(), "no reader: " + thrown);
            }
        } else {
            readers.add(
                    new SimReader(
                            new LogReader(
                                    disk.memory(),
                                    () -> Long.MAX_VALUE,
                                    () -> 0,
                                    world.clock::nanoTime),
                            model,
                            -1,
                            () -> model.nextIndex() - 1,
                            this::visibleIndex,
                            () -> false));
        }
    }

    private long visibleIndex() {
        return disk.hasForgotten() ? -1 : log.writtenIndex();
    }

    private boolean mayFailReads() {
        return disk.mayFail() || disk.isOff();
    }

    private void read() {
        if (readers.isEmpty()) {
            return;
        }
        SimReader reader = readers.get(random.nextInt(readers.size()));
        switch (random.nextInt(16)) {
            case 0 -> {
                readers.remove(reader);
                reader.close();
            }
            case 1 -> reader.seek(random.nextLong(model.nextIndex() + 1));
            case 2 -> {
                if (model.nextIndex() > 0) {
                    reader.read(random.nextLong(model.nextIndex()));
                }
            }
            case 3 -> {
                LogVerifier.Result found = LogVerifier.verify(disk.memory(), VerifyProgress.NONE);
                SimModel.check(found.isSound(), "a log in use is damaged: " + found.damages());
            }
            default -> reader.poll(1 + random.nextInt(30));
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
            SimModel.check(disk.mayFail() || disk.isOff(), "no truncation: " + thrown);
        }
    }

    private void truncateAfter() {
        if (!world.oneIn(2)) {
            return;
        }
        if (!claims.isEmpty() && (!isShared() || !world.oneIn(8))) {
            return;
        }
        long first = log.firstIndex();
        long index = first - 1 + random.nextLong(log.nextIndex() - first + 1);
        world.events.tell(() -> "truncating after " + index);
        closeReadersOfOthers();
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

    /** What others have buffered stays readable to them for a while. */
    private void closeReadersOfOthers() {
        readers.forEach(SimReader::close);
        readers.clear();
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
            if (!claims.isEmpty()) {
                endClaim();
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
        while (!claims.isEmpty()) {
            endClaim();
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
            for (SimReader reader : readers) {
                drain(reader, last);
            }
            observe();
        }
    }

    private void drain(SimReader reader, long last) {
        for (int i = 0; i < 4; i++) {
            world.clock.leap();
            while (reader.poll(1_000) > 0) {
                // There is more.
            }
        }
        if (reader.expectedIndex() >= 0 && !disk.hasForgotten()) {
            model.skipped(reader.expectedIndex(), last + 1);
        }
    }

    /** Closes in order; true if the log says that it has. */
    boolean close() {
        while (!claims.isEmpty() && (!isShared() || !world.oneIn(64))) {
            endClaim();
        }
        isEnding = true;
        readers.forEach(SimReader::close);
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
        boolean mayBeLate = threads.timeouts() > 0 && (disk.wasFull() || !claims.isEmpty());
        return disk.isOff() || disk.mayFail() || mayBeLate || isEndedByFullDisk;
    }
}
