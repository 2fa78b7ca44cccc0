package org.sluice.bench;

import org.sluice.appender.DirectIo;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.PeerKind;
import org.sluice.bench.peer.SluiceSettings;
import org.sluice.bench.peer.Workload;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the command line can say about a run. */
final class RigOptions {
    private static final long FILL_BYTES = 2L << 30;
    private static final long PACED_PER_SECOND = 500_000;
    private static final long IDLE_PER_SECOND = 50;
    private static final long ENTRIES_MAX = 50_000_000;

    @Option(
            names = "--size",
            split = ",",
            defaultValue = "256",
            paramLabel = "BYTES",
            converter = Quantities.Bytes.class,
            description = "Length of an entry; several, separated by commas. Default: 256.")
    private List<Long> sizes;

    @Option(
            names = "--producers",
            split = ",",
            defaultValue = "1",
            paramLabel = "N",
            description = "Threads that append; several, separated by commas. Default: 1.")
    private List<Integer> producers;

    @Option(
            names = "--rate",
            paramLabel = "N",
            converter = Quantities.Count.class,
            description =
                    "paced, idle: entries a second of all producers. Default: 500k; idle: 50.")
    private Long rate;

    @Option(
            names = "--duration",
            defaultValue = "5s",
            paramLabel = "TIME",
            converter = Quantities.Nanos.class,
            description = "How long a round appends, or reads at random, at most. Default: 5s.")
    private long durationNs;

    @Option(
            names = "--entries",
            defaultValue = "0",
            paramLabel = "N",
            converter = Quantities.Count.class,
            description =
                    "Entries of a round, at most. Default: 2 GiB of them, 50 million at most; paced:"
                            + " what rate and duration come to.")
    private long entries;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            paramLabel = "N",
            description = "How often each candidate runs, in turn with the others. Default: 5.")
    private int rounds;

    @Option(
            names = "--warmup",
            defaultValue = "2s",
            paramLabel = "TIME",
            converter = Quantities.Nanos.class,
            description = "How long a round does the same unmeasured before. Default: 2s.")
    private long warmupNs;

    @Option(
            names = "--window",
            defaultValue = "256k",
            paramLabel = "N",
            converter = Quantities.Count.class,
            description =
                    "async-durable: entries of a producer that may be unacknowledged. Default: 256k.")
    private long window;

    @Option(
            names = "--batch",
            split = ",",
            defaultValue = "1,64",
            paramLabel = "N",
            description = "random-read: entries asked for in one go; several. Default: 1,64.")
    private List<Integer> batches;

    @Option(
            names = "--no-sync",
            description =
                    "paced: nobody asks for durability while it runs; for those who never sync.")
    private boolean noSync;

    @Option(
            names = "--backend",
            split = ",",
            defaultValue = "auto",
            paramLabel = "NAME",
            description =
                    "uring, channel, channel-direct, auto; with -ready behind it all segments are written"
                            + " before the clock starts. Several run side by side. Default: auto.")
    private List<String> backends;

    @Option(names = "--sqpoll", description = "io_uring with a kernel thread that submits.")
    private boolean sqPoll;

    @Option(
            names = "--direct",
            defaultValue = "AUTO",
            paramLabel = "WHEN",
            description = "Whether writes bypass the page cache: auto, on, off. Default: auto.")
    private DirectIo direct;

    @Option(
            names = "--block",
            defaultValue = "0",
            paramLabel = "BYTES",
            converter = Quantities.Bytes.class,
            description = "Bytes of a block. Default: as the library.")
    private long blockBytes;

    @Option(
            names = "--depth",
            defaultValue = "16",
            paramLabel = "N",
            description = "Blocks, and so writes in flight. Default: 16.")
    private int depth;

    @Option(
            names = "--segment",
            defaultValue = "128M",
            paramLabel = "BYTES",
            converter = Quantities.Bytes.class,
            description = "Bytes of a segment file. Default: 128M.")
    private long segmentBytes;

    @Option(
            names = "--slots",
            defaultValue = "0",
            paramLabel = "N",
            description = "Slots. Default: what 64 MiB hold, 16,384 at most.")
    private int slots;

    @Option(names = "--spin", description = "Sluice's writer spins when idle instead of parking.")
    private boolean spins;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "none",
            paramLabel = "NAME",
            description =
                    "all, none, or some of file, mapped, log4j2, aeron, artemis-nio, artemis-aio,"
                            + " rocksdb; with any, fio too where it is installed. Default: none.")
    private List<String> peers;

    @Option(
            names = "--dir",
            defaultValue = "data",
            paramLabel = "DIR",
            description = "Where files are written, and removed after each round. Default: data.")
    private Path directory;

    @Option(names = "--json", paramLabel = "FILE", description = "All results as JSON.")
    private Path json;

    @Option(
            names = "--hgrm",
            paramLabel = "DIR",
            description = "A file for each latency histogram, as HdrHistogram plots them.")
    private Path histograms;

    @Option(names = "--html", paramLabel = "FILE", description = "A page with plots.")
    private Path html;

    Path directory() {
        return directory;
    }

    Path json() {
        return json;
    }

    Path histograms() {
        return histograms;
    }

    Path html() {
        return html;
    }

    /** How often each candidate runs. */
    int rounds() {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds must be at least 1: " + rounds);
        }
        return rounds;
    }

    /** Whether there is something to compare with. */
    boolean hasPeers() {
        return !peers.equals(List.of("none"));
    }

    /** Every combination that was asked for. */
    List<Workload> workloads(Mode mode) {
        List<Workload> workloads = new ArrayList<>();
        List<Integer> reads = mode == Mode.RANDOM_READ ? batches : List.of(1);
        for (long size : sizes) {
            for (int threads : mode.reads() ? List.of(1) : producers) {
                for (int batch : reads) {
                    workloads.add(workload(mode, toInt("--size", size), threads, batch));
                }
            }
        }
        return workloads;
    }

    private Workload workload(Mode mode, int entryBytes, int threads, int batch) {
        return new Workload(
                mode,
                entryBytes,
                threads,
                entries != 0 ? entries : entriesFor(mode, Math.max(1, entryBytes)),
                durationNs,
                rate(mode),
                toInt("--window", window),
                batch,
                !noSync,
                warmupNs);
    }

    private static int toInt(String option, long value) {
        if (value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(option + " must be less than 2G: " + value);
        }
        return (int) value;
    }

    private long rate(Mode mode) {
        if (rate != null) {
            return rate;
        }
        return mode == Mode.IDLE ? IDLE_PER_SECOND : PACED_PER_SECOND;
    }

    private long entriesFor(Mode mode, int entryBytes) {
        if (mode == Mode.PACED) {
            return Math.max(1, (long) (rate(mode) * (durationNs / 1e9)));
        }
        return Math.min(ENTRIES_MAX, FILL_BYTES / entryBytes);
    }

    /** Who runs, in the order of the tables. */
    List<Candidate> candidates(Mode mode) {
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(Candidate.of(PeerKind.CONTROL));
        for (String backend : backends) {
            SluiceSettings settings = settings(backend);
            candidates.add(Candidate.sluice(settings));
            if (mode == Mode.IDLE && !spins) {
                // Who never sleeps shows what waking up costs the other.
                candidates.add(Candidate.sluice(settings.spinning()));
            }
        }
        if (peers.equals(List.of("all"))) {
            Arrays.stream(PeerKind.values())
                    .filter(PeerKind::isPeer)
                    .forEach(kind -> candidates.add(Candidate.of(kind)));
        } else if (hasPeers()) {
            peers.forEach(name -> candidates.add(Candidate.of(PeerKind.of(name))));
        }
        return candidates;
    }

    private SluiceSettings settings(String backend) {
        return new SluiceSettings(
                backend,
                direct,
                sqPoll && !backend.startsWith("channel"),
                toInt("--block", blockBytes),
                depth,
                segmentBytes,
                slots,
                spins);
    }
}
