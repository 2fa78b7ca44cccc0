package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.sluice.bench.peer.Mode;
import org.sluice.bench.peer.PeerKind;
import org.sluice.bench.peer.Workload;

import picocli.CommandLine;

import java.util.Arrays;
import java.util.List;

class RigOptionsTest {
    private static RigOptions parse(String... args) {
        RigOptions options = new RigOptions();
        new CommandLine(options).parseArgs(args);
        return options;
    }

    private static List<String> names(RigOptions options) {
        return options.candidates(Mode.DURABLE).stream().map(Candidate::name).toList();
    }

    @Test
    void defaultShouldBeSluiceAlone() {
        assertEquals(List.of("control", "sluice auto"), names(parse()));
    }

    @Test
    void backendsAndPeersShouldRunSideBySide() {
        RigOptions options = parse("--backend", "uring,channel", "--peers", "file,aeron");

        assertEquals(
                List.of("control", "sluice uring", "sluice channel", "file", "aeron"),
                names(options));
    }

    @Test
    void allPeersShouldBeAll() {
        long peers = Arrays.stream(PeerKind.values()).filter(PeerKind::isPeer).count();

        assertEquals(2 + peers, parse("--peers", "all").candidates(Mode.DURABLE).size());
    }

    @Test
    void unknownNamesShouldBeRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> parse("--peers", "paper").candidates(Mode.DURABLE));
        assertThrows(
                IllegalArgumentException.class,
                () -> parse("--backend", "tape").candidates(Mode.DURABLE));
    }

    @Test
    void sizesAndProducersShouldMakeEveryPair() {
        RigOptions options = parse("--size", "64,1K", "--producers", "1,4");

        List<String> labels =
                options.workloads(Mode.THROUGHPUT).stream().map(Workload::label).toList();

        assertEquals(
                List.of(
                        "throughput, 64 B, 1 producer",
                        "throughput, 64 B, 4 producers",
                        "throughput, 1024 B, 1 producer",
                        "throughput, 1024 B, 4 producers"),
                labels);
    }

    @Test
    void pacedShouldLastAsLongAsAsked() {
        RigOptions options = parse("--rate", "500k", "--duration", "2s");

        assertEquals(1_000_000, options.workloads(Mode.PACED).getFirst().entries());
    }

    @Test
    void idleShouldBeSlowAndHaveATwinThatSpins() {
        RigOptions options = parse("--backend", "uring,channel", "--duration", "2s");

        Workload workload = options.workloads(Mode.IDLE).getFirst();
        assertEquals(50, workload.ratePerSecond());
        assertEquals(
                List.of(
                        "control",
                        "sluice uring",
                        "sluice uring spins",
                        "sluice channel",
                        "sluice channel spins"),
                options.candidates(Mode.IDLE).stream().map(Candidate::name).toList());
    }

    @Test
    void whoAsksForASpinningWriterShouldGetNoTwin() {
        assertEquals(
                List.of("control", "sluice auto spins"),
                parse("--spin").candidates(Mode.IDLE).stream().map(Candidate::name).toList());
    }

    @Test
    void entriesTooShortToTellApartShouldBeRefused() {
        RigOptions options = parse("--size", "8");

        assertThrows(IllegalArgumentException.class, () -> options.workloads(Mode.THROUGHPUT));
    }
}
