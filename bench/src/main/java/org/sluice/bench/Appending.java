package org.sluice.bench;

import org.sluice.bench.peer.Peer;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

/** Runs all producers of a workload on one candidate, then makes everything durable. */
final class Appending {
    private static final long PROGRESS_MS = 200;

    private final List<Producer> producers = new ArrayList<>();
    private final LongConsumer progress;

    /** {@code progress} gets the number of entries so far, now and then. */
    Appending(LongConsumer progress) {
        this.progress = progress;
    }

    /** Does it; the clock runs from before the first append to after the sync. */
    Usage run(Peer peer, Workload workload) throws IOException {
        for (int i = 0; i < workload.producers(); i++) {
            producers.add(new Producer(workload, peer.appender(i), i));
        }
        CountDownLatch gate = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(workload.producers())) {
            List<Future<Void>> futures = new ArrayList<>();
            ProcessMeter[] meter = new ProcessMeter[1];
            for (Producer producer : producers) {
                Callable<Void> task =
                        () -> {
                            gate.await();
                            producer.run(meter[0].startNs());
                            return null;
                        };
                futures.add(threads.submit(task));
            }
            meter[0] = new ProcessMeter();
            gate.countDown();
            await(futures);
            peer.sync();
            return meter[0].read();
        }
    }

    private void await(List<Future<Void>> futures) throws IOException {
        for (Future<Void> future : futures) {
            boolean isDone = false;
            while (!isDone) {
                isDone = isDone(future);
                progress.accept(producers.stream().mapToLong(Producer::shown).sum());
            }
        }
    }

    private static boolean isDone(Future<Void> future) throws IOException {
        try {
            future.get(PROGRESS_MS, java.util.concurrent.TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException stillRunning) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().toString(), e.getCause());
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    /** Entries of each producer. */
    long[] appended() {
        return producers.stream().mapToLong(Producer::appended).toArray();
    }

    Latencies latencies() {
        Latencies sum = new Latencies();
        producers.forEach(producer -> sum.add(producer.latencies()));
        return sum;
    }
}
