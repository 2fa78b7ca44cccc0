package org.sluice.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class Log4jPeerTest {
    private static final int PRODUCERS = 4;

    /** Of each producer: together more than twice what the ring holds. */
    private static final int ENTRIES = 150_000;

    @TempDir private Path directory;

    private static Void append(Appender appender, int producer) throws IOException {
        EntryPattern entry = new EntryPattern(EntryPattern.BYTES_MIN, producer);
        for (int i = 0; i < ENTRIES; i++) {
            entry.next();
            appender.append(entry);
        }
        return null;
    }

    /** Left to itself, Log4j2 discards most of what several producers give it when it is full. */
    @Test
    void fullRingShouldLoseNothingOfSeveralProducers()
            throws IOException, InterruptedException, ExecutionException {
        Workload workload =
                new Workload(
                        Mode.THROUGHPUT,
                        EntryPattern.BYTES_MIN,
                        PRODUCERS,
                        (long) PRODUCERS * ENTRIES,
                        1,
                        1,
                        1,
                        1,
                        false,
                        0);
        Peer peer = PeerKind.LOG4J.open(directory, workload, null);
        try (ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS)) {
            List<Future<Void>> futures = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                int producer = i;
                Appender appender = peer.appender(producer);
                futures.add(threads.submit(() -> append(appender, producer)));
            }
            for (Future<Void> future : futures) {
                future.get();
            }
        } finally {
            peer.close();
        }

        ResultCheck check = new ResultCheck(EntryPattern.BYTES_MIN, PRODUCERS);
        peer.readBack(check);
        long[] appended = new long[PRODUCERS];
        Arrays.fill(appended, ENTRIES);
        check.finish(appended);
        assertEquals((long) PRODUCERS * ENTRIES, check.count());
    }
}
