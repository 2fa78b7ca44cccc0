package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.sluice.appender.ProbedIo.Kind;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a log does rarely, Flight Recorder sees. */
final class JfrTest extends LogFixture {
    @Test
    void rollsAndSyncsShouldBeRecorded() throws IOException {
        LogStats stats;
        long lastIndex = -1;

        try (Recording recording = recording()) {
            try (AppendLog log = open(config().segmentBytes(128 * 1024))) {
                // Nobody waits meanwhile, so a segment rolled out of needs a sync.
                for (int i = 0; i < 400; i++) {
                    lastIndex = log.append(Entry.payload(0, i, 1_000));
                }
                log.sync();
                stats = log.stats();
            }
            List<RecordedEvent> rolls = stop(recording, "org.sluice.Roll");
            assertTrue(stats.rolls() >= 3, () -> stats.rolls() + " rolls");
            assertTrue(rolls.size() >= stats.rolls());
            assertRollsFollowEachOther(rolls, lastIndex);
            assertSyncs(events("org.sluice.Sync"), stats, lastIndex);
        }
    }

    @Test
    void failureShouldBeRecorded() throws IOException {
        ProbedStorage storage = probe(config().build());

        try (Recording recording = recording()) {
            AppendLog log = open(storage, config());
            log.append(Entry.payload(0, 0, 10));
            log.sync();
            storage.fault(operation -> operation.kind() == Kind.WRITE ? Errno.EIO : 0);
            log.append(Entry.payload(0, 1, 10));
            assertFails(Code.FAILED, log::sync);
            assertFails(Code.FAILED, log::close);
            List<RecordedEvent> failures = stop(recording, "org.sluice.Failure");
            assertEquals(1, failures.size(), failures::toString);
            RecordedEvent failure = failures.getFirst();
            assertTrue(failure.getString("message").contains("write"), failure::toString);
            assertEquals(0, failure.getLong("durableIndex"));
        }
    }

    private static void assertRollsFollowEachOther(List<RecordedEvent> rolls, long lastIndex) {
        assertEquals(0, rolls.getFirst().getLong("baseIndex"));
        for (int i = 1; i < rolls.size(); i++) {
            RecordedEvent before = rolls.get(i - 1);
            RecordedEvent roll = rolls.get(i);
            assertTrue(roll.getLong("segmentNumber") > before.getLong("segmentNumber"));
            assertTrue(roll.getLong("baseIndex") > before.getLong("baseIndex"));
            assertTrue(roll.getLong("baseIndex") <= lastIndex + 1);
        }
    }

    private static void assertSyncs(List<RecordedEvent> syncs, LogStats stats, long lastIndex) {
        assertTrue(stats.syncs() > 0, "nothing was synced");
        assertTrue(syncs.size() >= stats.syncs());
        long before = -1;
        for (RecordedEvent sync : syncs) {
            long durableIndex = sync.getLong("durableIndex");
            assertTrue(durableIndex >= before && durableIndex <= lastIndex, sync::toString);
            assertTrue(sync.getDuration("syncNs").toNanos() > 0, sync::toString);
            assertTrue(sync.getLong("segmentNumber") > 0, sync::toString);
            before = durableIndex;
        }
    }

    private static Recording recording() {
        Recording recording = new Recording();
        recording.enable(RollEvent.class);
        recording.enable(SyncEvent.class);
        recording.enable(FailureEvent.class);
        recording.start();
        return recording;
    }

    /** Ends the recording; the events of this name, by time. */
    private List<RecordedEvent> stop(Recording recording, String name) throws IOException {
        recording.stop();
        recording.dump(file());
        return events(name);
    }

    private List<RecordedEvent> events(String name) throws IOException {
        return RecordingFile.readAllEvents(file()).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .sorted(java.util.Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    private Path file() {
        return temp.resolve("recording.jfr");
    }
}
