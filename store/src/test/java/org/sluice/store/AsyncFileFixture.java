package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import org.agrona.collections.Long2LongHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The engine that the tests of {@link AsyncFile} drive, and how they do it. */
abstract class AsyncFileFixture {
    static final int CAPACITY = 4;
    static final int BLOCK_BYTES = 16 * 1024;
    static final int BLOCK_COUNT = 8;
    private static final long NONE = Long.MIN_VALUE;
    static final long WAIT_NS = TimeUnit.SECONDS.toNanos(20);
    static final String NAME = SegmentDescriptor.fileName(1);

    @TempDir Path temporary;

    final AlignedBlockPool pool = new AlignedBlockPool(BLOCK_COUNT, BLOCK_BYTES);
    final Long2LongHashMap results = new Long2LongHashMap(NONE);
    Storage storage;
    AsyncIo io;

    /** Opens the backend's storage in an existing directory. */
    protected abstract Storage openStorage(Path directory);

    /** Why the backend can't run in {@code directory}, or null. */
    protected abstract String unavailable(Path directory);

    /** Whether a backend that cannot run is a failure. */
    protected boolean required() {
        return false;
    }

    @BeforeEach
    void openEngine() {
        requireAvailable(temporary);
        storage = openStorage(temporary);
        io = storage.openIo(pool, CAPACITY);
    }

    @AfterEach
    void closeEngine() {
        if (io != null) {
            io.close();
        }
    }

    void requireAvailable(Path directory) {
        String reason = unavailable(directory);
        if (reason != null && required()) {
            fail("the backend is required, but cannot run: " + reason);
        } else if (reason != null) {
            abort("the backend cannot run: " + reason);
        }
    }

    AsyncFile create(String name) {
        storage.directory().create(name).close();
        return io.open(name);
    }

    AlignedBlock filled(long seed) {
        AlignedBlock block = pool.take();
        byte[] bytes = new byte[BLOCK_BYTES];
        new Random(seed).nextBytes(bytes);
        block.buffer().putBytes(0, bytes);
        return block;
    }

    void releaseAll() {
        for (int i = 0; i < BLOCK_COUNT; i++) {
            AlignedBlock block = pool.block(i);
            if (block.state() != AlignedBlock.State.FREE) {
                pool.release(block);
            }
        }
    }

    static boolean write(
            AsyncFile file, long position, AlignedBlock block, int offset, int length, long tag) {
        return file.writeAt(position, block, offset, length, AsyncFile.Reach.WRITTEN, tag);
    }

    static byte[] bytesOf(AlignedBlock block) {
        byte[] bytes = new byte[BLOCK_BYTES];
        block.buffer().getBytes(0, bytes);
        return bytes;
    }

    byte[] contentOf(String name, long position, int length) {
        ByteBuffer target = ByteBuffer.allocate(length);
        try (StoreFile file = storage.directory().openForReading(name)) {
            assertEquals(length, file.read(target, position));
        }
        return target.array();
    }

    long resultOf(long tag) {
        return resultOf(io, tag);
    }

    long resultOf(AsyncIo engine, long tag) {
        results.remove(tag);
        awaitAll(engine);
        assertTrue(results.containsKey(tag), "no completion with tag " + tag);
        return results.get(tag);
    }

    void awaitAll() {
        awaitAll(io);
    }

    void awaitAll(AsyncIo engine) {
        long deadlineNs = System.nanoTime() + WAIT_NS;
        while (engine.inFlight() > 0) {
            engine.await(results::put, WAIT_NS);
            assertTrue(System.nanoTime() < deadlineNs, "completions do not come");
        }
    }
}
