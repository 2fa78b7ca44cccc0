package org.sluice.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Everything that can be measured, how it is drawn, and what it can be asked. */
public enum PeerKind {
    /** Nothing at all. */
    CONTROL("control", "producer ─► nothing"),
    /** Sluice. */
    SLUICE("sluice", ""),
    /** What one writes first. */
    FILE(
            "file",
            "producer ─► lock ─► buffer of 64 KiB, or one entry ─► FileChannel.write ─► page cache ─► fdatasync, shared"),
    /** Memory that the kernel writes back. */
    MAPPED("mapped", "producer ─► lock ─► mapped windows of 64 MiB ─► page cache ─► msync, shared"),
    /** Log4j2, all loggers asynchronous. */
    LOG4J(
            "log4j2",
            "producer (of several, waits outside while the ring is nearly full: Log4j2 would"
                    + " discard) ─► disruptor (262,144) ─► RandomAccessFile appender, 256 KiB buffer,"
                    + " immediateFlush=false, garbage-free (maxReusableMsgSize as the entries), %m%n ─► page"
                    + " cache ─► at the end: stop, fsync"),
    /** Aeron Archive recording an IPC publication. */
    AERON(
            "aeron",
            "producer ─► IPC publication, 64 MiB terms in shared memory, made and touched before, MTU 16 KiB, no"
                    + " bounds checks ─► archive (shared thread),"
                    + " driver (shared thread) ─► page cache ─► durable modes: fileSyncLevel=1, else fsync at"
                    + " the end"),
    /** The journal of ActiveMQ Artemis through FileChannel. */
    ARTEMIS_NIO(
            "artemis-nio",
            "producer ─► journal thread ─► timed buffer 490 KiB, tuned ─► FileChannel + fdatasync ─►"
                    + " files of 10 MiB"),
    /** The same through its native libaio. */
    ARTEMIS_AIO(
            "artemis-aio",
            "producer ─► journal thread ─► timed buffer 490 KiB, tuned ─► libaio O_DIRECT, 4,096 in"
                    + " flight ─► files of 10 MiB"),
    /** RocksDB's write-ahead log. */
    ROCKSDB(
            "rocksdb",
            "producer ─► write group, pipelined ─► WAL (buffered, manualWalFlush, where nobody waits)"
                    + " ─► page cache ─► fdatasync, shared; memtables of"
                    + " 256 MiB, no compaction");

    private final String label;
    private final String topology;

    PeerKind(String label, String topology) {
        this.label = label;
        this.topology = topology;
    }

    /** The name the command line uses. */
    public String label() {
        return label;
    }

    /** The kind with this name. */
    public static PeerKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.isPeer() && kind.label.equals(label))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "peers are all, none or of "
                                                + Arrays.stream(values())
                                                        .filter(PeerKind::isPeer)
                                                        .map(PeerKind::label)
                                                        .collect(Collectors.joining(", "))
                                                + ": "
                                                + label));
    }

    /** Whether this is something that Sluice is measured against. */
    public boolean isPeer() {
        return this != CONTROL && this != SLUICE;
    }

    private boolean does(Mode mode) {
        return switch (this) {
            case CONTROL -> mode == Mode.PACED || mode == Mode.IDLE;
            case SLUICE -> true;
            case FILE, ROCKSDB -> mode != Mode.ASYNC_DURABLE;
            case MAPPED, AERON -> mode != Mode.ASYNC_DURABLE && mode != Mode.RANDOM_READ;
            case LOG4J -> mode == Mode.THROUGHPUT || mode == Mode.PACED;
            case ARTEMIS_NIO, ARTEMIS_AIO -> mode != Mode.RANDOM_READ;
        };
    }

    /** Why {@code workload} can't be asked of this, or "". */
    public String reasonAgainst(Workload workload) {
        if (!does(workload.mode())) {
            return switch (workload.mode()) {
                case ASYNC_DURABLE -> "tells nobody when an entry is durable";
                case RANDOM_READ -> "has no index";
                case DURABLE, IDLE -> "never syncs on request";
                case REPLAY -> "writes text, which it cannot read back";
                case THROUGHPUT, PACED -> "does no such thing";
            };
        }
        return this == ARTEMIS_AIO ? ArtemisLibrary.reasonAgainst() : "";
    }

    /** What its JVM needs besides; files for that go into {@code directory}, which is made. */
    public List<String> jvmFlags(Path directory) throws IOException {
        return switch (this) {
            case AERON -> AeronPeer.JVM_FLAGS;
            case ARTEMIS_AIO -> {
                Files.createDirectories(directory);
                ArtemisLibrary.extract(directory);
                yield List.of("-Djava.library.path=" + directory.toAbsolutePath());
            }
            default -> List.of();
        };
    }

    /** What process {@code pid}, which is gone, left outside its directory. */
    public List<Path> leftBehind(long pid) throws IOException {
        return this == AERON ? AeronPeer.leftBehind(pid) : List.of();
    }

    /** The way of an entry, in a line. */
    public String topology(Workload workload, SluiceSettings settings) {
        if (this == SLUICE) {
            return settings.topology(workload);
        }
        boolean wakes = this == CONTROL && workload.mode() == Mode.IDLE;
        return workload.producers() + " × " + (wakes ? WakingPeer.TOPOLOGY : topology);
    }

    /** Opens one in {@code directory}, which is made. */
    public Peer open(Path directory, Workload workload, SluiceSettings settings)
            throws IOException {
        return switch (this) {
            case CONTROL -> workload.mode() == Mode.IDLE ? new WakingPeer() : new ControlPeer();
            case SLUICE -> new SluicePeer(directory, workload, settings);
            case FILE -> new BufferedFilePeer(directory, workload);
            case MAPPED -> new MappedFilePeer(directory);
            case LOG4J -> new Log4jPeer(directory, workload);
            case AERON -> new AeronPeer(directory, workload);
            case ARTEMIS_NIO -> new ArtemisPeer(directory, workload, false);
            case ARTEMIS_AIO -> new ArtemisPeer(directory, workload, true);
            case ROCKSDB -> new RocksPeer(directory, workload);
        };
    }
}
