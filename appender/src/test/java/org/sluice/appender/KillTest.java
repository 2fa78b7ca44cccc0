package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.ring.UringProbe;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities.Feature;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Kills a process that appends, again and again in one directory: what it was told is durable is
 * there, in order, and nothing else is.
 *
 * <p>Each child takes up what the last one left, most of them without an orderly close in between,
 * over the one backend and the other in turn.
 */
final class KillTest extends LogFixture {
    private static final int KILLS = 5;
    private static final int MANY_KILLS = 60;
    private static final int RETAINED_BYTES = 4 * KillChild.SEGMENT_BYTES;
    private static final long CHILD_S = 30;

    /** Long enough to reach from a child's start into its recovery, and past it. */
    private static final int OPENING_NS_MAX = 500_000_000;

    private static final Executor OVERDUE =
            CompletableFuture.delayedExecutor(CHILD_S, TimeUnit.SECONDS);

    private final KillLedger ledger = new KillLedger();

    /** -Dsluice.seed=N repeats a run, as far as the moment of a kill can be repeated. */
    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    private final SplittableRandom random = new SplittableRandom(seed);

    /** How much the children leave: 0 is all. */
    private long retentionBytes;

    @ParameterizedTest
    @ValueSource(ints = {0, RETAINED_BYTES})
    void killedLogShouldHoldWhatItAcknowledged(int retained) throws Exception {
        retentionBytes = retained;

        killAgainAndAgain(KILLS);
    }

    /** With both backends and both parameters 240 kills. */
    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {0, RETAINED_BYTES})
    void logKilledOftenShouldHoldWhatItAcknowledged(int retained) throws Exception {
        retentionBytes = retained;

        killAgainAndAgain(MANY_KILLS);

        assertEquals(retained > 0, ledger.firstIndex() > 0, "whether retention went on");
    }

    private void killAgainAndAgain(int kills) throws Exception {
        System.out.println(
                "KillTest over %s, retention %,d: -Dsluice.seed=%d"
                        .formatted(backend, retentionBytes, seed));
        for (int round = 0; round < kills; round++) {
            kill(round);
            ledger.assertHeldByReader(directory(), retentionBytes);
            if (random.nextInt(3) == 0) {
                reopen();
            }
        }

        reopen();
        assertTrue(ledger.acknowledged() > 0, "no child got as far as to acknowledge anything");
        System.out.println("KillTest: %d kills, %s".formatted(kills, ledger));
    }

    /** Starts a child and kills it while it opens the log, or after some acknowledgements. */
    private void kill(int round) throws IOException, InterruptedException {
        boolean isWhileOpening = round % 4 == 3;
        int lines = isWhileOpening ? 1 : 2 + random.nextInt(1 << random.nextInt(12));
        Path errors = temp.resolve("errors");
        Process child =
                ChildJvm.of(
                                KillChild.class,
                                directory(),
                                backendOf(round),
                                random.nextLong(),
                                round * KillChild.PRODUCERS,
                                random.nextBoolean(),
                                retentionBytes)
                        .redirectError(errors.toFile())
                        .start();
        OVERDUE.execute(child::destroyForcibly);
        try (BufferedReader output = child.inputReader(StandardCharsets.US_ASCII)) {
            for (int i = 0; i < lines; i++) {
                String line = output.readLine();
                if (line == null) {
                    fail("seed " + seed + ", round " + round + ": " + Files.readString(errors));
                }
                ledger.add(line);
            }
            if (isWhileOpening) {
                child.waitFor(random.nextInt(OPENING_NS_MAX), TimeUnit.NANOSECONDS);
            }
            assertTrue(child.isAlive(), () -> "ended by itself: " + read(errors));
            // Through the handle, which leaves the streams open: what it said before it died
            // counts.
            child.toHandle().destroyForcibly();
            output.lines().forEach(ledger::add);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** Lets this process recover the log, and close it in order. */
    private void reopen() {
        try (AppendLog log = open(KillChild.config(backend))) {
            assertTrue(retentionBytes > 0 || log.firstIndex() == 0);
            ledger.assertHeldByLog(log);
        }
    }

    private Backend backendOf(int round) {
        boolean hasUring = UringProbe.probe(null).features().get(Feature.IO_URING).available();
        Backend other = backend == Backend.CHANNEL && hasUring ? Backend.URING : Backend.CHANNEL;
        return round % 2 == 0 ? backend : other;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
