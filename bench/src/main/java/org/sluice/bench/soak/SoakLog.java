package org.sluice.bench.soak;

import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.DirectIo;
import org.sluice.appender.SyncPolicy;
import org.sluice.store.Backend;

import java.time.Duration;
import java.util.SplittableRandom;

/** How the log of a soak is opened: small, so that it rolls and recycles all the time. */
final class SoakLog {
    static final long SEGMENT_BYTES = 4L << 20;

    private static final long RETENTION_BYTES = 64L << 20;
    private static final int SLOTS = 2_048;
    private static final int LONG_ENTRIES = 8;
    private static final int BLOCK_BYTES = 128 << 10;
    private static final Duration INTERVAL = Duration.ofMillis(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(60);

    private SoakLog() {}

    static AppendLogConfig config(Backend backend, SplittableRandom random) {
        return AppendLogConfig.builder()
                .backend(backend)
                .direct(random.nextInt(4) == 0 ? DirectIo.OFF : DirectIo.AUTO)
                .syncPolicy(policy(random))
                .slotCount(SLOTS)
                .slotBytes(SoakEntry.SLOT_BYTES)
                .maxEntryBytes(SoakEntry.BYTES_MAX)
                .overflowCount(LONG_ENTRIES)
                .blockBytes(BLOCK_BYTES)
                .segmentBytes(SEGMENT_BYTES)
                .retentionBytes(RETENTION_BYTES)
                .closeTimeout(CLOSE_TIMEOUT)
                .build();
    }

    private static SyncPolicy policy(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> SyncPolicy.EVERY_BATCH;
            case 1 -> SyncPolicy.interval(INTERVAL);
            default -> SyncPolicy.ON_DEMAND;
        };
    }
}
