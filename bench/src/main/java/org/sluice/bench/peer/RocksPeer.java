package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * RocksDB for its write-ahead log: pipelined writes, large memtables, no compaction and no
 * compression, so that little but the log is at work; {@code WriteOptions.sync} where durability is
 * asked for; elsewhere the log is buffered and written when RocksDB's buffer is full, or at the
 * sync. The key is the entry's id, so what one producer wrote comes back in its order.
 */
final class RocksPeer implements Peer {
    private static final long MEMTABLE_BYTES = 256L << 20;
    private static final int MEMTABLES = 4;

    private final Path directory;
    private final Options options;
    private final WriteOptions writes;
    private final RocksDB db;

    RocksPeer(Path directory, Workload workload) throws IOException {
        RocksDB.loadLibrary();
        Files.createDirectories(directory);
        this.directory = directory;
        options =
                new Options()
                        .setCreateIfMissing(true)
                        .setEnablePipelinedWrite(true)
                        .setManualWalFlush(!workload.mode().waits())
                        .setWriteBufferSize(MEMTABLE_BYTES)
                        .setMaxWriteBufferNumber(MEMTABLES)
                        .setDisableAutoCompactions(true)
                        .setLevel0SlowdownWritesTrigger(Integer.MAX_VALUE)
                        .setLevel0StopWritesTrigger(Integer.MAX_VALUE)
                        .setCompressionType(CompressionType.NO_COMPRESSION);
        writes = new WriteOptions().setSync(workload.mode().waits());
        try {
            db = RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    @Override
    public Appender appender(int producer) {
        return new Writes();
    }

    /** One thread's puts. */
    private final class Writes implements Appender {
        private final ByteBuffer key = ByteBuffer.allocate(Long.BYTES);

        @Override
        public long append(EntryPattern entry) throws IOException {
            key.putLong(0, entry.id());
            try {
                db.put(writes, key.array(), entry.bytes());
            } catch (RocksDBException e) {
                throw new IOException(e);
            }
            return entry.id();
        }

        /** With {@code sync}, put returns when the entry is durable. */
        @Override
        public void awaitDurable(long ticket) {}
    }

    @Override
    public void sync() throws IOException {
        try {
            db.flushWal(true);
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        db.close();
        writes.close();
        options.close();
    }

    @Override
    public Replayer replayer() throws IOException {
        Source source = openToRead();
        return new Replayer() {
            @Override
            public void read(EntrySink sink) throws IOException {
                UnsafeBuffer view = new UnsafeBuffer(0, 0);
                try (RocksIterator entries = source.db().newIterator()) {
                    for (entries.seekToFirst(); entries.isValid(); entries.next()) {
                        view.wrap(entries.value());
                        sink.onEntry(view, 0, view.capacity());
                    }
                    entries.status();
                } catch (RocksDBException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void close() {
                source.close();
            }
        };
    }

    private Source openToRead() throws IOException {
        Options reading = new Options();
        try {
            return new Source(RocksDB.openReadOnly(reading, directory.toString()), reading);
        } catch (RocksDBException e) {
            reading.close();
            throw new IOException(e);
        }
    }

    /** The files, opened to be read. */
    private record Source(RocksDB db, Options reading) implements AutoCloseable {
        @Override
        public void close() {
            db.close();
            reading.close();
        }
    }

    @Override
    public RandomReader randomReader() throws IOException {
        Source source = openToRead();
        ByteBuffer key = ByteBuffer.allocate(Long.BYTES);
        UnsafeBuffer view = new UnsafeBuffer(0, 0);
        return new RandomReader() {
            @Override
            public void read(long[] indexes, EntrySink sink) throws IOException {
                for (long index : indexes) {
                    key.putLong(0, index);
                    try {
                        view.wrap(source.db().get(key.array()));
                    } catch (RocksDBException e) {
                        throw new IOException(e);
                    }
                    sink.onEntry(view, 0, view.capacity());
                }
            }

            @Override
            public void close() {
                source.close();
            }
        };
    }

    @Override
    public long diskBytes() throws IOException {
        return fileBytes(directory);
    }

    /** Bytes of all files in {@code directory}. */
    static long fileBytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            long bytes = 0;
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }
}
