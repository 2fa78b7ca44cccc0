package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.core.io.AbstractSequentialFileFactory;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.EncodingSupport;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.apache.activemq.artemis.core.journal.LoaderCallback;
import org.apache.activemq.artemis.core.journal.PreparedTransactionInfo;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The journal of ActiveMQ Artemis with the broker's own settings: files of 10 MiB, a timed buffer
 * of 490 KiB that is written after what a synced write of 4 KiB takes here, as {@code artemis
 * create} sets it (class {@code SyncCalculation}), 4,096 libaio writes in flight. Compaction is
 * off: nothing is ever deleted.
 *
 * <p>Its queue of appends is unbounded, so at most 65,536 of a producer are under way here.
 */
final class ArtemisPeer implements Peer {
    private static final int FILE_BYTES = 10 << 20;
    private static final int BUFFER_BYTES = 490 * 1024;
    private static final int AIO_DEPTH = 4_096;
    private static final int IN_FLIGHT_MAX = 65_536;
    private static final byte ENTRY = 1;
    private static final byte MARKER = 2;

    private final Path directory;
    private final boolean aio;
    private final boolean syncs;
    private final AtomicLong nextId = new AtomicLong(1);
    private final AbstractSequentialFileFactory files;
    private final JournalImpl journal;

    ArtemisPeer(Path directory, Workload workload, boolean aio) throws IOException {
        Files.createDirectories(directory);
        this.directory = directory;
        this.aio = aio;
        syncs =
                switch (workload.mode()) {
                    case DURABLE, ASYNC_DURABLE, IDLE -> true;
                    case PACED -> workload.syncs();
                    case THROUGHPUT, REPLAY, RANDOM_READ -> false;
                };
        files = openFiles();
        journal = openJournal(files);
        load(record -> {});
    }

    private AbstractSequentialFileFactory openFiles() throws IOException {
        int timeoutNs = new SyncedWrites(directory).medianNs();
        AbstractSequentialFileFactory opened =
                aio
                        ? new AIOSequentialFileFactory(
                                directory.toFile(), BUFFER_BYTES, timeoutNs, AIO_DEPTH, false)
                        : new NIOSequentialFileFactory(
                                directory.toFile(), true, BUFFER_BYTES, timeoutNs, 1, false);
        opened.start();
        return opened;
    }

    private JournalImpl openJournal(AbstractSequentialFileFactory factory) throws IOException {
        JournalImpl opened =
                new JournalImpl(
                        FILE_BYTES, 2, -1, 0, 0, factory, "journal", "amq", aio ? AIO_DEPTH : 1);
        try {
            opened.start();
        } catch (Exception e) {
            throw new IOException(e);
        }
        return opened;
    }

    @Override
    public Appender appender(int producer) {
        return new Records();
    }

    /** One thread's records; its completions come in its own order. */
    private final class Records implements Appender, IOCompletion {
        /** Written by the producer. */
        private long appended;

        /** Written by the journal's threads, one at a time; read by the producer. */
        private final AtomicLong completed = new AtomicLong();

        private volatile String failure;

        @Override
        public long append(EntryPattern entry) throws IOException {
            while (appended - completed.get() >= IN_FLIGHT_MAX) {
                checkFailure();
                LockSupport.parkNanos(10_000);
            }
            // The journal encodes the record on its own thread, later: it needs its own copy.
            Payload payload = new Payload(entry.bytes().clone());
            try {
                journal.appendAddRecord(nextId.getAndIncrement(), ENTRY, payload, syncs, this);
            } catch (Exception e) {
                throw new IOException(e);
            }
            return ++appended;
        }

        @Override
        public void awaitDurable(long ticket) throws IOException {
            while (completed.get() < ticket) {
                checkFailure();
                synchronized (this) {
                    try {
                        if (completed.get() < ticket) {
                            wait(1_000);
                        }
                    } catch (InterruptedException e) {
                        throw new IOException("interrupted", e);
                    }
                }
            }
        }

        private void checkFailure() throws IOException {
            if (failure != null) {
                throw new IOException(failure);
            }
        }

        @Override
        public long durable() {
            return syncs ? completed.get() : UNKNOWN;
        }

        @Override
        public void storeLineUp() {}

        @Override
        public void done() {
            completed.incrementAndGet();
            if (syncs) {
                synchronized (this) {
                    notifyAll();
                }
            }
        }

        @Override
        public void onError(int code, String message) {
            failure = code + ": " + message;
        }
    }

    /** A record's bytes. */
    private static final class Payload implements EncodingSupport {
        private final byte[] bytes;

        Payload(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int getEncodeSize() {
            return bytes.length;
        }

        @Override
        public void encode(ActiveMQBuffer buffer) {
            buffer.writeBytes(bytes);
        }

        @Override
        public void decode(ActiveMQBuffer buffer) {
            throw new UnsupportedOperationException();
        }
    }

    /** A last record with sync returns when all before it are durable. */
    @Override
    public void sync() throws IOException {
        try {
            journal.appendAddRecord(nextId.getAndIncrement(), MARKER, new byte[1], true);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        close(journal, files);
    }

    private static void close(JournalImpl opened, AbstractSequentialFileFactory factory)
            throws IOException {
        try {
            opened.stop();
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            factory.stop();
        }
    }

    /** Takes records in the order of the files. */
    private interface RecordSink {
        void onRecord(RecordInfo info);
    }

    private void load(RecordSink sink) throws IOException {
        load(journal, sink);
    }

    private static void load(JournalImpl opened, RecordSink sink) throws IOException {
        try {
            opened.load(new Loader(sink));
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private record Loader(RecordSink sink) implements LoaderCallback {
        @Override
        public void addRecord(RecordInfo info) {
            sink.onRecord(info);
        }

        @Override
        public void addPreparedTransaction(PreparedTransactionInfo transaction) {}

        @Override
        public void deleteRecord(long id) {}

        @Override
        public void updateRecord(RecordInfo info) {}

        @Override
        public void failedTransaction(
                long transaction, List<RecordInfo> records, List<RecordInfo> deleted) {}
    }

    /** The journal is opened as for writing, and reads its files when it is loaded. */
    @Override
    public Replayer replayer() throws IOException {
        UnsafeBuffer view = new UnsafeBuffer(0, 0);
        AbstractSequentialFileFactory sources = openFiles();
        JournalImpl source = openJournal(sources);
        return new Replayer() {
            @Override
            public void read(EntrySink sink) throws IOException {
                load(
                        source,
                        record -> {
                            if (record.userRecordType == ENTRY) {
                                view.wrap(record.data);
                                sink.onEntry(view, 0, record.data.length);
                            }
                        });
            }

            @Override
            public void close() throws IOException {
                ArtemisPeer.close(source, sources);
            }
        };
    }

    /** Whole files: it fills each before the next. */
    @Override
    public long diskBytes() throws IOException {
        return RocksPeer.fileBytes(directory);
    }
}
