package org.sluice.appender;

import org.sluice.store.SimulatedDisk;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Appends to a log, and claims, commits and aborts in any order, as several producers do. */
final class SimProducers {
    private static final int CLAIMS_MAX = 3;

    private final SimWorld world;
    private final Random random;
    private final SimulatedDisk disk;
    private final SimModel model;
    private final AppendLog log;
    private final AppendLogConfig config;
    private final SimThreads threads;
    private final BooleanSupplier isEnding;
    private final int entryBytesMax;
    private final List<EntryClaim> claims = new ArrayList<>();

    /**
     * @param isEnding whether the log is being closed or truncated, and so may refuse anything
     */
    SimProducers(
            SimWorld world,
            AppendLog log,
            AppendLogConfig config,
            SimThreads threads,
            BooleanSupplier isEnding) {
        this.world = world;
        this.random = world.random;
        this.disk = world.disk;
        this.model = world.model;
        this.log = log;
        this.config = config;
        this.threads = threads;
        this.isEnding = isEnding;
        this.entryBytesMax = world.oneIn(2) ? 200 : config.maxEntryBytes();
    }

    /** Whether there is a claim that was neither committed nor aborted. */
    boolean hasClaims() {
        return !claims.isEmpty();
    }

    boolean isShared() {
        return config.producers() == Producers.MULTI;
    }

    private boolean mayAppend() {
        // A single producer must end its claim first.
        return isShared() || claims.isEmpty();
    }

    void append() {
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
                    case (int) AppendLog.FAILED -> !threads.isWriting() || isEnding.getAsBoolean();
                    default -> isEnding.getAsBoolean();
                };
        SimModel.check(mayBe, "an append to a log that is well returned " + indexOrCode);
    }

    void beginClaim() {
        if (!mayAppend() || claims.size() == CLAIMS_MAX) {
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

    void endClaim() {
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
}
