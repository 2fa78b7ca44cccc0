package org.sluice.appender;

import org.agrona.concurrent.NoOpIdleStrategy;
import org.sluice.store.DiskCall;
import org.sluice.store.DiskEvents;
import org.sluice.store.Preallocation;
import org.sluice.store.SimulatedDisk;
import org.sluice.store.SimulatedStorage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** What all of one simulation shares: random, time, disk, model, and what is made of them. */
final class SimWorld {
    private static final Preallocation[] PREALLOCATIONS = Preallocation.values();

    final Random random;
    final SimClock clock;
    final DiskEvents events = new DiskEvents();
    final SimulatedDisk disk;
    final SimModel model = new SimModel();

    SimWorld(long seed) {
        random = new Random(seed);
        clock = new SimClock(random);
        disk = new SimulatedDisk(Path.of("simulated"), random, events);
    }

    /** One in {@code n}. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** Small, so that a run makes many segments, batches and turns of the ring of slots. */
    AppendLogConfig config() {
        int blockBytes = oneIn(3) ? 16_384 : 8_192;
        return AppendLogConfig.builder()
                .slotCount(4 << random.nextInt(5))
                .slotBytes(8 << random.nextInt(4))
                .maxEntryBytes(256 + random.nextInt(ConfigLimits.entryBytesMax(8_192) - 256))
                .overflowCount(1 + random.nextInt(4))
                .blockBytes(blockBytes)
                .blockCount(2 + random.nextInt(4))
                .segmentBytes(65_536 + 4_096L * random.nextInt(3))
                .preallocate(PREALLOCATIONS[random.nextInt(PREALLOCATIONS.length)])
                .syncPolicy(syncPolicy())
                .diskFull(random.nextBoolean() ? DiskFull.FAIL : DiskFull.WAIT)
                .producers(oneIn(4) ? Producers.SINGLE : Producers.MULTI)
                .retentionBytes(oneIn(3) ? 65_536L * (1 + random.nextInt(3)) : 0)
                .retentionAge(oneIn(12) ? Duration.ofMillis(500) : Duration.ZERO)
                .idleStrategy(() -> NoOpIdleStrategy.INSTANCE)
                .epochClock(clock::epochNanoTime)
                .nanoClock(clock::nanoTime)
                .closeTimeout(Duration.ofMillis(1))
                .build();
    }

    private SyncPolicy syncPolicy() {
        return switch (random.nextInt(12)) {
            case 0 -> SyncPolicy.NEVER;
            case 1, 2, 3 -> SyncPolicy.EVERY_BATCH;
            case 4, 5 -> SyncPolicy.interval(Duration.ofMillis(1 + random.nextInt(20)));
            default -> SyncPolicy.ON_DEMAND;
        };
    }

    SimulatedStorage.Traits traits() {
        return new SimulatedStorage.Traits(
                oneIn(3) ? 4_096 : 512,
                PREALLOCATIONS[1 + random.nextInt(PREALLOCATIONS.length - 1)],
                1 + random.nextInt(6),
                1 + random.nextInt(4));
    }

    /** Some calls, to be made to fail. */
    Set<DiskCall> someCalls() {
        if (oneIn(4)) {
            return EnumSet.allOf(DiskCall.class);
        }
        DiskCall[] all = DiskCall.values();
        Set<DiskCall> calls = EnumSet.noneOf(DiskCall.class);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            calls.add(all[random.nextInt(all.length)]);
        }
        return calls;
    }
}
