package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.DiskEvents;
import org.sluice.store.SimulatedDisk;

import java.util.Random;

/**
 * One simulation: a log that is opened, used, cut off and opened again on a disk that fails, all of
 * it decided by a seed. Ends quietly, or with what it found wrong.
 */
final class SimRun {
    /** Names of what is counted beside the {@linkplain DiskEvents disk's events}. */
    static final String STEPS = "turns of a duty";

    static final String OPENS = "opens";
    static final String OPENS_FAILED = "opens failed by a fault";
    static final String OPENS_CUT = "opens cut by a power cut";
    static final String ACCEPTED = "entries accepted";
    static final String DURABLE = "entries acknowledged durable";
    static final String CLOSES = "orderly closes";

    private static final int OPENS_MAX = 12;

    private final SimWorld world;
    private final Random random;
    private final SimulatedDisk disk;
    private final SimModel model;

    private SimRun(long seed, boolean isTraced) {
        world = new SimWorld(seed);
        random = world.random;
        disk = world.disk;
        model = world.model;
        if (isTraced) {
            world.events.trace();
        }
    }

    /** Runs the simulation of {@code seed}; returns what happened. */
    static DiskEvents run(long seed, boolean isTraced) {
        SimRun run = new SimRun(seed, isTraced);
        run.run();
        return run.world.events;
    }

    private void run() {
        boolean isSound = true;
        for (int lives = 1 + random.nextInt(4); lives > 0 && isSound; lives--) {
            isSound = life();
        }
        if (isSound && lastLife()) {
            checkEnd();
        }
        count(ACCEPTED, model.accepted());
    }

    private void count(String what, long times) {
        for (long i = 0; i < times; i++) {
            world.events.count(what);
        }
    }

    /** One life; false if the log is damaged, as it may be. */
    private boolean life() {
        SimThreads threads = new SimThreads(random, world.clock);
        AppendLogConfig config = world.config();
        AppendLog log = open(config, threads);
        if (log == null) {
            return !model.mayBeDamaged();
        }
        SimLife life = new SimLife(world, log, config, threads);
        if (world.oneIn(3)) {
            disk.cutAfter(random.nextInt(400));
        }
        life.live(20 + random.nextInt(300));
        end(life);
        count(STEPS, threads.turns());
        return true;
    }

    private void end(SimLife life) {
        int kind = random.nextInt(4);
        if (!disk.isOff() && kind > 1) {
            if (kind == 2) {
                life.settle();
            }
            if (life.close()) {
                world.events.count(CLOSES);
            }
            if (world.oneIn(2)) {
                disk.cut();
            }
        } else if (kind == 1) {
            disk.cut();
        }
        if (!disk.isOff() && kind == 0) {
            disk.endProcess();
        }
        if (disk.mayFail()) {
            model.failed();
        }
        if (disk.hasForgotten()) {
            model.forgot();
        }
        if (disk.isOff()) {
            powerOn();
        }
    }

    private void powerOn() {
        model.cut();
        disk.endProcess();
        disk.restart();
    }

    // ---- opening ----

    /** Opens the log, however often that takes; null if it is damaged, as it may be. */
    private AppendLog open(AppendLogConfig config, SimThreads threads) {
        if (config.retentionBytes() > 0 || !config.retentionAge().isZero()) {
            model.retains();
        }
        for (int tries = 1; ; tries++) {
            disk.beginLife();
            prepareOpen(tries == OPENS_MAX);
            try {
                StorageSelector.Selection selection =
                        new StorageSelector.Selection(
                                disk.storage(world.traits()), "a simulation asks for it");
                AppendLog log = AppendLog.open(selection, config, threads, () -> {});
                disk.heal();
                world.events.count(OPENS);
                world.events.tell(() -> "opened as " + config);
                checkOpened(log);
                return log;
            } catch (AppendException thrown) {
                if (SimModel.isDamage(thrown) && model.mayBeDamaged()) {
                    world.events.count("damaged without syncs");
                    return null;
                }
                failedOpen(thrown, tries);
            }
        }
    }

    private void prepareOpen(boolean isLast) {
        disk.heal();
        if (isLast) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> disk.cutAfter(random.nextInt(60));
            case 1 -> disk.fail(world.someCalls(), 4 << random.nextInt(5));
            case 2 -> disk.fill(4_096L * random.nextInt(40));
            default -> {}
        }
    }

    private void failedOpen(AppendException thrown, int tries) {
        world.events.tell(() -> "open failed: " + thrown);
        if (disk.isOff()) {
            world.events.count(OPENS_CUT);
            powerOn();
            return;
        }
        model.failed();
        if (disk.hasForgotten()) {
            model.forgot();
        }
        boolean isFull = thrown.code() == Code.DISK_FULL && disk.wasFull();
        boolean mayBe = isFull || (disk.mayFail() && !SimModel.isDamage(thrown));
        if (!mayBe || tries == OPENS_MAX) {
            throw new SimModel.Violation("open failed: " + thrown.getMessage(), thrown);
        }
        world.events.count(OPENS_FAILED);
        if (world.oneIn(3)) {
            disk.cut();
            powerOn();
        }
    }

    private void checkOpened(AppendLog log) {
        count(DURABLE, Math.max(0, model.durableIndex() + 1));
        model.opened(log.firstIndex(), log.nextIndex());
        checkContent(log.firstIndex(), log.nextIndex());
    }

    private void checkContent(long firstIndex, long nextIndex) {
        try (SimReader reader =
                new SimReader(
                        LogReader.elsewhere(disk.memory(), world.clock::nanoTime),
                        model,
                        firstIndex,
                        () -> nextIndex - 1,
                        () -> nextIndex - 1,
                        () -> false)) {
            while (reader.poll(1_000) > 0) {
                // There is more.
            }
            model.skipped(reader.expectedIndex(), nextIndex);
        }
    }

    // ---- the end ----

    /** A life without faults, after which everything must be there. */
    private boolean lastLife() {
        SimThreads threads = new SimThreads(random, world.clock);
        AppendLogConfig config = world.config();
        AppendLog log = open(config, threads);
        if (log == null) {
            return false;
        }
        SimLife life = new SimLife(world, log, config, threads);
        life.live(20);
        if (!life.isAlive()) {
            end(life);
            return false;
        }
        life.settle();
        boolean isClosed = life.close();
        if (isClosed && config.syncPolicy() != SyncPolicy.NEVER && random.nextBoolean()) {
            disk.cut();
            powerOn();
        }
        return isClosed;
    }

    private void checkEnd() {
        LogVerifier.Result found = LogVerifier.verify(disk.memory(), VerifyProgress.NONE);
        SimModel.check(found.isSound(), "a closed log is damaged: " + found.damages());
        SimModel.check(
                found.nextIndex() == model.nextIndex(),
                "a closed log ends at "
                        + found.nextIndex()
                        + ", but "
                        + model.nextIndex()
                        + " were appended");
        long aborted = model.abortedBetween(found.firstIndex(), found.nextIndex());
        SimModel.check(
                found.aborted() == aborted,
                found.aborted() + " entries are said to be aborted, not " + aborted);
        checkContent(found.firstIndex(), found.nextIndex());
        if (world.oneIn(3)) {
            SimDamage.check(disk.memory().copy(), random);
        }
    }
}
