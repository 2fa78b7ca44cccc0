package org.sluice.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.appender.DirectIo;

class TopologyTest {
    private static Workload workload(int entryBytes, int producers) {
        return new Workload(Mode.THROUGHPUT, entryBytes, producers, 100, 1, 1, 1, 1, true, 0);
    }

    private static SluiceSettings settings(String backend) {
        return new SluiceSettings(backend, DirectIo.AUTO, false, 0, 8, 128L << 20, 0, false);
    }

    @Test
    void sluiceShouldBeDrawnAsItIsOpened() {
        String drawn = settings("channel-direct").topology(workload(1_024, 4));

        assertEquals(
                "4 × producer ─► 16,384 slots × 1024 B ─► writer (parks) ─► 8 blocks × 256 KiB ─►"
                        + " FileChannel, O_DIRECT ─► segments of 128 MiB",
                drawn);
    }

    @Test
    void largeEntriesShouldGetFewerSlots() {
        assertTrue(settings("uring").slots(workload(8_192, 1)) < 16_384);
    }

    @ParameterizedTest
    @EnumSource(PeerKind.class)
    void everyoneShouldBeDrawnInOneLine(PeerKind kind) {
        String drawn = kind.topology(workload(256, 2), settings("auto"));

        assertTrue(drawn.startsWith("2 × ") && drawn.lines().count() == 1, drawn);
    }
}
