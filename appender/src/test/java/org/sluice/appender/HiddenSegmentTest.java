package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.sluice.appender.ProbedDirectory.Act;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/** A segment that retention gave up counts as gone, though a full disk keeps it there. */
class HiddenSegmentTest extends LogFixture {
    private static final int COUNT = 300;
    private static final int KEPT = 20;

    @Test
    void truncationIntoItShouldChangeNothing() throws Exception {
        AtomicLong nowNs = new AtomicLong(1_000_000_000_000L);
        AppendLogConfig.Builder config =
                config().segmentBytes(64 * 1024)
                        .blockBytes(8 * 1024)
                        .maxEntryBytes(4_000)
                        .retentionAge(Duration.ofSeconds(10))
                        .epochClock(nowNs::get);
        ProbedStorage storage = probe(config.build());
        EntryClaim claim = new EntryClaim();
        try (AppendLog log = open(storage, config)) {
            for (int i = 0; i < COUNT; i++) {
                log.append(new byte[1_000]);
            }
            log.sync();
            await("segments", () -> log.stats().sealedSegments() >= 4);
            log.claim(1, claim);
            FutureTask<Void> truncating =
                    new FutureTask<>(
                            () -> {
                                log.truncateAfter(KEPT);
                                return null;
                            });
            Thread thread = Thread.ofPlatform().start(truncating);
            await("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
            storage.probedDirectory().fault(HiddenSegmentTest::refuse);
            nowNs.addAndGet(Duration.ofHours(1).toNanos());
            await("retention", () -> log.firstIndex() > KEPT + 1);
            long first = log.firstIndex();
            claim.abort();

            ExecutionException thrown = assertThrows(ExecutionException.class, truncating::get);
            assertEquals(IllegalArgumentException.class, thrown.getCause().getClass());
            assertEquals(first, log.firstIndex());
            assertEquals(COUNT + 1, log.nextIndex());
            storage.probedDirectory().fault((act, name) -> {});
        }
    }

    private static void refuse(Act act, String name) {
        if ((act == Act.RENAME || act == Act.DELETE) && name.equals("0000000000000001.seg")) {
            throw new AppendException(Code.DISK_FULL, "no room");
        }
    }
}
