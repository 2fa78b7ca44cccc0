package org.sluice.bench.peer;

import java.io.IOException;

/**
 * Something that takes entries and keeps them in files: Sluice, or what it is measured against.
 *
 * <p>Opened by {@link PeerKind#open}; appended to by as many threads as the workload says, each
 * through its own {@link Appender}; closed; then read back, any number of times.
 */
public interface Peer extends AutoCloseable {
    /** The way in for one thread. */
    Appender appender(int producer) throws IOException;

    /** Everything appended before this call is durable when it returns. */
    void sync() throws IOException;

    /** Ends writing in good order. */
    @Override
    void close() throws IOException;

    /** A way to read everything in order, ready to begin; after {@link #close} only. */
    Replayer replayer() throws IOException;

    /**
     * Hands over all entries in the files, each producer's in its order. After {@link #close} only.
     */
    default void readBack(EntrySink sink) throws IOException {
        try (Replayer replayer = replayer()) {
            replayer.read(sink);
        }
    }

    /** A way to read single entries, by the order of appending; after {@link #close} only. */
    default RandomReader randomReader() throws IOException {
        throw new UnsupportedOperationException("has no index");
    }

    /** Bytes the entries take on disk; after {@link #close} only. */
    long diskBytes() throws IOException;

    /** Reads everything, once. What has to be opened for that is open, so that no clock sees it. */
    @FunctionalInterface
    interface Replayer extends AutoCloseable {
        /** Hands over all entries in the files, each producer's in its order. */
        void read(EntrySink sink) throws IOException;

        @Override
        default void close() throws IOException {}
    }

    /** Reads single entries. */
    interface RandomReader extends AutoCloseable {
        /** Hands over the entries at {@code indexes}, in any order. */
        void read(long[] indexes, EntrySink sink) throws IOException;

        @Override
        void close() throws IOException;
    }
}
