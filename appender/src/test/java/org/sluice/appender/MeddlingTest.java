package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.SegmentDescriptor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Files that somebody else deletes or cuts under an open log, and a clock that is set back. */
final class MeddlingTest extends LogFixture {
    private static final int ENTRY_BYTES = 500;
    private static final int ENTRIES_MAX = 100_000;
    private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

    private final Ledger ledger = new Ledger();

    @Override
    AppendLogConfig.Builder config() {
        return super.config().segmentBytes(128 * 1024);
    }

    /** Until then the files are there, if without names; nothing may be acknowledged beyond. */
    @Test
    void directoryDeletedShouldEndTheLogAtTheRoll() throws Exception {
        AppendLog log = open();
        log.awaitDurable(append(log, 10));
        deleteDirectory();

        AppendException thrown = assertFails(Code.FAILED, () -> append(log, ENTRIES_MAX));

        assertEquals(Code.NOT_FOUND, ((AppendException) thrown.getCause()).code());
        assertFails(Code.FAILED, log::close);
        assertTrue(Files.notExists(directory()), "it came back");
        try (AppendLog again = open()) {
            assertEquals(0, again.nextIndex());
        }
    }

    private void deleteDirectory() throws IOException {
        while (Files.exists(directory())) {
            try (Stream<Path> files = Files.list(directory())) {
                for (Path file : files.toList()) {
                    // The keeper may just have removed or renamed one of its own.
                    Files.deleteIfExists(file);
                }
            }
            try {
                Files.delete(directory());
            } catch (DirectoryNotEmptyException made) {
                // Or made another, which it does but a few times.
            }
        }
    }

    /** A mapped file would end the process with SIGBUS here. */
    @Test
    void segmentInUseThatIsCutShouldBeDamageToReadersAndTheNextOpen() throws Exception {
        long lost;
        try (AppendLog log = open();
                LogReader follower = log.openReader();
                LogReader other = LogReader.open(directory())) {
            lost = append(log, 20);
            log.sync();
            append(log, 20);
            log.sync();
            assertEquals(5, follower.poll((buffer, offset, length, index, timeNs) -> {}, 5));
            assertEquals(5, other.poll((buffer, offset, length, index, timeNs) -> {}, 5));

            cut(1, 2 * SegmentDescriptor.HEADER_BYTES);
            append(log, 20);
            log.sync();

            assertDamaged(follower, 1);
            assertDamaged(other, 1);
        }

        assertRefusedOver(1, lost);
    }

    @Test
    void sealedSegmentThatIsCutShouldBeDamageToReadersAndTheNextOpen() throws Exception {
        try (AppendLog log = open();
                LogReader follower = log.openReader();
                LogReader other = LogReader.open(directory())) {
            while (log.stats().sealedSegments() < 3) {
                append(log, 1);
            }
            assertEquals(5, follower.poll((buffer, offset, length, index, timeNs) -> {}, 5));
            assertEquals(5, other.poll((buffer, offset, length, index, timeNs) -> {}, 5));

            cut(2, 3 * SegmentDescriptor.HEADER_BYTES);

            assertDamaged(follower, 2);
            assertDamaged(other, 2);
            // Who writes is not concerned.
            log.awaitDurable(append(log, 1));
        }

        assertRefusedOver(2, ledger.size());
    }

    @Test
    void sealedSegmentThatIsDeletedShouldBeDamageToTheNextOpen() throws Exception {
        try (AppendLog log = open()) {
            while (log.stats().sealedSegments() < 3) {
                append(log, 1);
            }
            Files.delete(segment(2));
            log.awaitDurable(append(log, 1));
        }

        assertFails(Code.CORRUPT, this::open);
        assertFails(Code.CORRUPT, this::readAll);
    }

    /** The log's time stands still until the clock has caught up: it never goes back. */
    @Test
    void clockSetBackShouldNotTurnTimeBack() {
        AtomicLong nowNs = new AtomicLong(20_000 * DAY_NS);
        AppendLogConfig.Builder config = config().epochClock(nowNs::get);
        for (int i = 0; i < 3; i++) {
            try (AppendLog log = open(config)) {
                log.awaitDurable(append(log, 1));
                nowNs.addAndGet(-10 * DAY_NS);
                log.awaitDurable(append(log, 1));
            }
        }
        nowNs.set(20_001 * DAY_NS);
        try (AppendLog log = open(config);
                LogReader reader = log.openReader()) {
            log.awaitDurable(append(log, 1));

            reader.seekToTime(20_000 * DAY_NS);
            assertEquals(0, nextIndex(reader));
            reader.seekToTime(20_000 * DAY_NS + 1);
            assertEquals(6, nextIndex(reader));
            reader.seekToTime(20_001 * DAY_NS + 1);
            assertEquals(0, drain(reader).size());
        }
        ledger.assertHeldBy(readAll());
    }

    @Test
    void clockSetBackShouldNotLetRetentionTakeWhatIsYoung() {
        AtomicLong nowNs = new AtomicLong(20_000 * DAY_NS);
        AppendLogConfig.Builder config =
                config().epochClock(nowNs::get).retentionAge(Duration.ofDays(2));
        try (AppendLog log = open(config)) {
            while (log.stats().sealedSegments() < 2) {
                append(log, 1);
            }
            nowNs.addAndGet(-10 * DAY_NS);
            while (log.stats().sealedSegments() < 4) {
                append(log, 1);
            }
            assertEquals(0, log.firstIndex());

            nowNs.set(20_001 * DAY_NS);
            while (log.stats().sealedSegments() < 6) {
                append(log, 1);
            }
            assertEquals(0, log.firstIndex());

            nowNs.set(20_002 * DAY_NS + 1);
            await("what is old is gone", () -> log.firstIndex() > 0);
        }
    }

    // ---- what the tests do ----

    private long append(AppendLog log, int count) {
        return ledger.appendMore(log, count, ENTRY_BYTES);
    }

    private Path segment(long number) {
        return directory().resolve(SegmentDescriptor.fileName(number));
    }

    private void cut(long number, long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(segment(number), StandardOpenOption.WRITE)) {
            file.truncate(bytes);
        }
    }

    /** A reader that waits for more looks into it only after a while. */
    private void assertDamaged(LogReader reader, long number) {
        AppendException[] thrown = new AppendException[1];
        await(
                "the reader finds the damage",
                () -> {
                    try {
                        ledger.assertHeldBy(drain(reader), -1);
                        return false;
                    } catch (AppendException damage) {
                        thrown[0] = damage;
                        return true;
                    }
                });
        assertEquals(Code.CORRUPT, thrown[0].code(), thrown[0].getMessage());
        assertEquals(segment(number), thrown[0].file());
    }

    private void assertRefusedOver(long number, long indexMax) {
        AppendException refusal = assertFails(Code.CORRUPT, this::open);
        assertEquals(segment(number), refusal.file());
        assertTrue(refusal.getMessage().contains("position"), refusal.getMessage());
        LogVerifier.Result result = LogVerifier.verify(directory());
        assertFalse(result.isSound());
        List<LogDamage> damages = result.damages();
        assertEquals(segment(number), damages.getFirst().file());
        assertTrue(damages.getFirst().firstIndex() <= indexMax, damages::toString);
    }

    private static long nextIndex(LogReader reader) {
        long[] found = {-1};
        reader.poll((buffer, offset, length, index, timeNs) -> found[0] = index, 1);
        return found[0];
    }
}
