package org.sluice.bench.peer;

import io.aeron.Aeron;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.ArchivingMediaDriver;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.codecs.SourceLocation;
import io.aeron.archive.status.RecordingPos;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.status.CountersReader;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Aeron Archive: an IPC publication (terms of 64 MiB in shared memory, MTU 16 KiB) that the archive
 * records. Driver and archive have one shared thread each, as is right for few cores. Where
 * durability is asked for the archive forces each write (file sync level 1), so that its recording
 * position is durable; elsewhere the files are forced at the end. Terms are made whole and touched
 * before they are used, and buffers do without bounds checks, as Aeron's own scripts have it.
 */
final class AeronPeer implements Peer, Appender {
    static final List<String> JVM_FLAGS =
            List.of(
                    "-Daeron.term.buffer.sparse.file=false",
                    "-Daeron.pre.touch.mapped.memory=true",
                    "-Dagrona.disable.bounds.checks=true");

    private static final String CHANNEL = "aeron:ipc?term-length=64m|mtu=16k|alias=bench";
    private static final String CONTROL = "aeron:ipc?term-length=64k";
    private static final int STREAM_ID = 1_001;
    private static final int REPLAY_STREAM_ID = 1_002;
    private static final int CONTROL_STREAM_ID = 1_101;
    private static final int RESPONSE_STREAM_ID = 1_102;
    private static final int FRAGMENTS = 256;
    private static final long TIMEOUT_NS = 30_000_000_000L;
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /** Driver, archive and a client of both. */
    private record Service(ArchivingMediaDriver driver, AeronArchive client)
            implements AutoCloseable {
        Aeron aeron() {
            return client.context().aeron();
        }

        @Override
        public void close() {
            client.close();
            driver.close();
        }
    }

    private final Path directory;
    private final boolean syncs;
    private final Service service;
    private final Publication publication;
    private final CountersReader counters;
    private final int counterId;
    private final long recordingId;
    private long recordedBytes;

    AeronPeer(Path directory, Workload workload) throws IOException {
        Files.createDirectories(directory);
        this.directory = directory;
        syncs = workload.mode().waits() || (workload.mode() == Mode.PACED && workload.syncs());
        service = launch(syncs ? 1 : 0);
        service.client().startRecording(CHANNEL, STREAM_ID, SourceLocation.LOCAL);
        publication =
                workload.producers() == 1
                        ? service.aeron().addExclusivePublication(CHANNEL, STREAM_ID)
                        : service.aeron().addPublication(CHANNEL, STREAM_ID);
        counters = service.aeron().countersReader();
        counterId = awaitCounter();
        recordingId = RecordingPos.getRecordingId(counters, counterId);
    }

    /** How the shared memory of process {@code pid} begins. */
    private static String prefix(long pid) {
        return "aeron-sluice-" + pid + "-";
    }

    /** Shared memory that process {@code pid}, which is gone, left behind. */
    static List<Path> leftBehind(long pid) throws IOException {
        if (!Files.isDirectory(SHARED_MEMORY)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(SHARED_MEMORY)) {
            return names.filter(path -> path.getFileName().toString().startsWith(prefix(pid)))
                    .toList();
        }
    }

    private Service launch(int syncLevel) {
        Path base = Files.isDirectory(SHARED_MEMORY) ? SHARED_MEMORY : directory;
        String name = prefix(ProcessHandle.current().pid()) + UUID.randomUUID();
        String aeronDirectory = base.resolve(name).toString();
        ArchivingMediaDriver driver =
                ArchivingMediaDriver.launch(
                        new MediaDriver.Context()
                                .aeronDirectoryName(aeronDirectory)
                                .threadingMode(ThreadingMode.SHARED)
                                .dirDeleteOnStart(true)
                                .dirDeleteOnShutdown(true),
                        new Archive.Context()
                                .aeronDirectoryName(aeronDirectory)
                                .archiveDir(directory.toFile())
                                .threadingMode(ArchiveThreadingMode.SHARED)
                                .controlChannelEnabled(false)
                                .archiveClientContext(
                                        new AeronArchive.Context().controlResponseChannel(CONTROL))
                                .localControlChannel(CONTROL)
                                .localControlStreamId(CONTROL_STREAM_ID)
                                .replicationChannel("aeron:udp?endpoint=localhost:0")
                                .recordingEventsEnabled(false)
                                .catalogFileSyncLevel(syncLevel)
                                .fileSyncLevel(syncLevel));
        AeronArchive client =
                AeronArchive.connect(
                        new AeronArchive.Context()
                                .aeronDirectoryName(aeronDirectory)
                                .controlRequestChannel(CONTROL)
                                .controlRequestStreamId(CONTROL_STREAM_ID)
                                .controlResponseChannel(CONTROL)
                                .controlResponseStreamId(RESPONSE_STREAM_ID));
        return new Service(driver, client);
    }

    private int awaitCounter() {
        long untilNs = System.nanoTime() + TIMEOUT_NS;
        while (true) {
            int id =
                    RecordingPos.findCounterIdBySession(
                            counters, publication.sessionId(), service.client().archiveId());
            if (id != CountersReader.NULL_COUNTER_ID) {
                return id;
            }
            checkTime(untilNs, "the recording did not begin");
            Thread.onSpinWait();
        }
    }

    private static void checkTime(long untilNs, String what) {
        if (System.nanoTime() - untilNs >= 0) {
            throw new IllegalStateException("Aeron: " + what + " within 30 s");
        }
    }

    @Override
    public Appender appender(int producer) {
        return this;
    }

    /** The ticket is the position behind the entry. */
    @Override
    public long append(EntryPattern entry) {
        long position = publication.offer(entry.buffer(), 0, entry.bytes().length);
        if (position > 0) {
            return position;
        }
        IdleStrategy idle = new BackoffIdleStrategy();
        long untilNs = System.nanoTime() + TIMEOUT_NS;
        while (position <= 0) {
            if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("Aeron: offer returned " + position);
            }
            checkTime(untilNs, "no entry was taken");
            idle.idle();
            position = publication.offer(entry.buffer(), 0, entry.bytes().length);
        }
        return position;
    }

    @Override
    public long written() {
        return counters.getCounterValue(counterId);
    }

    @Override
    public long durable() {
        return syncs ? written() : UNKNOWN;
    }

    @Override
    public void awaitDurable(long ticket) {
        IdleStrategy idle = new BackoffIdleStrategy(100, 10, 1_000, 50_000);
        long seen = written();
        long untilNs = System.nanoTime() + TIMEOUT_NS;
        while (seen < ticket) {
            idle.idle();
            long now = written();
            if (now != seen) {
                untilNs = System.nanoTime() + TIMEOUT_NS;
            } else {
                checkTime(untilNs, "nothing was recorded");
            }
            seen = now;
        }
    }

    @Override
    public void sync() throws IOException {
        awaitDurable(publication.position());
        if (!syncs) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        if (service.aeron().isClosed()) {
            return;
        }
        recordedBytes = publication.position();
        service.client().stopRecording(CHANNEL, STREAM_ID);
        publication.close();
        service.close();
    }

    @Override
    public Replayer replayer() {
        Service reading = launch(0);
        return new Replayer() {
            @Override
            public void read(EntrySink sink) {
                replay(reading.client(), sink);
            }

            @Override
            public void close() {
                reading.close();
            }
        };
    }

    private void replay(AeronArchive client, EntrySink sink) {
        try (Subscription entries =
                client.replay(recordingId, 0, recordedBytes, CHANNEL, REPLAY_STREAM_ID)) {
            long[] position = new long[1];
            FragmentAssembler assembler =
                    new FragmentAssembler(
                            (buffer, offset, length, header) -> {
                                sink.onEntry(buffer, offset, length);
                                position[0] = header.position();
                            });
            IdleStrategy idle = new BackoffIdleStrategy();
            long untilNs = System.nanoTime() + TIMEOUT_NS;
            while (position[0] < recordedBytes) {
                int fragments = entries.poll(assembler, FRAGMENTS);
                if (fragments > 0) {
                    untilNs = System.nanoTime() + TIMEOUT_NS;
                } else {
                    checkTime(untilNs, "the replay did not go on");
                }
                idle.idle(fragments);
            }
        }
    }

    @Override
    public long diskBytes() {
        return recordedBytes;
    }
}
