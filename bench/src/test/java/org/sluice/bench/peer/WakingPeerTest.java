package org.sluice.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;

class WakingPeerTest {
    private static final int ENTRIES = 1_000;

    @Test
    void everyEntryShouldBeAnsweredAfterAWakeUp() {
        assertTimeoutPreemptively(Duration.ofSeconds(30), WakingPeerTest::appendAndWait);
    }

    private static void appendAndWait() throws IOException {
        EntryPattern entry = new EntryPattern(EntryPattern.BYTES_MIN, 1);
        try (WakingPeer peer = new WakingPeer()) {
            Appender appender = peer.appender(1);
            for (int i = 0; i < ENTRIES; i++) {
                entry.next();
                long beginNs = System.nanoTime();
                appender.awaitDurable(appender.append(entry));
                long endNs = System.nanoTime();

                long wokenNs = appender.wokenNs();
                assertTrue(wokenNs - beginNs >= 0 && wokenNs - endNs <= 0, "entry " + i);
            }
        }
    }
}
