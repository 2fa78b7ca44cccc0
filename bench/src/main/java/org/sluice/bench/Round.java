package org.sluice.bench;

import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.Peer;
import org.sluice.bench.peer.PeerKind;
import org.sluice.bench.peer.ResultCheck;
import org.sluice.bench.peer.Workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** One candidate, one workload, once: warmed up, measured, checked. Runs in its own process. */
final class Round {
    private final Candidate candidate;
    private final Workload workload;
    private final Path directory;
    private final LongConsumer progress;

    Round(RoundSpec spec, LongConsumer progress) {
        candidate = spec.candidate();
        workload = spec.workload();
        directory = Path.of(spec.directory());
        this.progress = progress;
    }

    RoundResult run() throws IOException {
        return workload.mode().reads() ? read() : write();
    }

    private Peer open(String name, Workload asked) throws IOException {
        return candidate.kind().open(directory.resolve(name), asked, candidate.settings());
    }

    private RoundResult write() throws IOException {
        if (workload.warmupNs() > 0) {
            Path warm = directory.resolve("warm");
            try (Peer peer = open("warm", workload.warmup())) {
                new Appending(count -> {}).run(peer, workload.warmup());
            }
            Directories.delete(warm);
        }
        // A filesystem that frees, and discards, gigabytes meanwhile would be measured too.
        Files.createDirectories(directory);
        QuietDevice.await(directory);
        Appending appending = new Appending(progress);
        Peer peer = open("run", workload);
        Usage used;
        double idleCores;
        try (peer) {
            used = appending.run(peer, workload);
            idleCores = workload.mode() == Mode.IDLE ? leaveAlone() : RoundResult.NEVER_IDLE;
        }
        check(peer, appending.appended());
        return result(
                Arrays.stream(appending.appended()).sum(),
                used,
                peer.diskBytes(),
                idleCores,
                appending.latencies());
    }

    /** CPU time of the process, in cores, while nothing is asked of what is open. */
    private double leaveAlone() throws IOException {
        try {
            // What a candidate still does after the last entry is not idling.
            TimeUnit.NANOSECONDS.sleep(workload.durationNs() / 4);
            ProcessMeter meter = new ProcessMeter();
            TimeUnit.NANOSECONDS.sleep(workload.durationNs() / 2);
            Usage used = meter.read();
            return (double) used.cpuNs() / used.elapsedNs();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private RoundResult read() throws IOException {
        Appending appending = new Appending(progress);
        Peer peer = open("run", workload);
        try (peer) {
            appending.run(peer, fill());
        }
        // Also brings the files into the page cache, for everyone alike.
        check(peer, appending.appended());
        long held = Arrays.stream(appending.appended()).sum();
        if (workload.warmupNs() > 0) {
            new Reading().run(peer, workload.warmup(), held);
        }
        Reading reading = new Reading();
        Usage used = reading.run(peer, workload, held);
        if (reading.sum() == 0) {
            throw new IllegalStateException("nothing was read");
        }
        long diskBytes = Math.round((double) peer.diskBytes() / held * reading.entries());
        return result(
                reading.entries(), used, diskBytes, RoundResult.NEVER_IDLE, reading.latencies());
    }

    /** What is written before it is read: all entries, however long that takes. */
    private Workload fill() {
        return new Workload(
                Mode.THROUGHPUT,
                workload.entryBytes(),
                workload.producers(),
                workload.entries(),
                Long.MAX_VALUE / 4,
                workload.ratePerSecond(),
                workload.window(),
                workload.readEntries(),
                false,
                0);
    }

    private void check(Peer peer, long[] appended) throws IOException {
        if (candidate.kind() == PeerKind.CONTROL) {
            return;
        }
        ResultCheck check = new ResultCheck(workload.entryBytes(), workload.producers());
        peer.readBack(check);
        check.finish(appended);
    }

    private RoundResult result(
            long entries, Usage used, long diskBytes, double idleCores, Latencies latencies) {
        return new RoundResult(
                candidate.name(), entries, used, diskBytes, idleCores, latencies.encode(), "");
    }
}
