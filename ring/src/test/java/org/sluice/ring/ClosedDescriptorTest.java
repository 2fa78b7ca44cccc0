package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.ffi.Libc;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Errno;
import org.sluice.store.LesserPlatform;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Descriptors that somebody else in the process closed under the engine. */
@ExtendWith(UringCondition.class)
class ClosedDescriptorTest {
    private static final int BLOCK_BYTES = 4096;
    private static final long TIMEOUT_NS = 20_000_000_000L;

    @TempDir private Path directory;

    private final AlignedBlockPool pool = new AlignedBlockPool(4, BLOCK_BYTES);

    @Test
    void registeredFileShouldSurviveItsDescriptor() throws IOException {
        assertEquals(512, writeWithClosedDescriptor());
    }

    @Test
    void closedDescriptorShouldFailItsOperation() throws IOException {
        assertEquals(
                -Errno.EBADF,
                writeWithClosedDescriptor(Feature.REGISTERED_BUFFERS, Feature.REGISTERED_FILES));
    }

    /** The number may be another file's by now, which must not be written to. */
    @Test
    void descriptorReusedByAnotherFileShouldNotBeWrittenTo() throws IOException {
        Path path = Files.createFile(directory.resolve("data"));
        Path other = Files.createFile(directory.resolve("other"));
        int[] results = new int[2];
        try (UringIo io = openIo()) {
            int fd = Libc.open(path, Libc.O_RDWR, 0);
            UringFile file = io.adopt(path, fd, false);
            Libc.close(fd);
            assertEquals(fd, Libc.open(other, Libc.O_RDWR, 0));

            assertTrue(file.writeAt(0, pool.block(0), 0, 512, Reach.DURABLE, 0));
            assertTrue(file.syncBehind(1));
            while (io.inFlight() > 0) {
                io.await((tag, result) -> results[(int) tag] = result, TIMEOUT_NS);
            }
            file.close();
        }

        assertEquals(512, results[0]);
        assertEquals(0, results[1]);
        assertEquals(512, Files.size(path));
        assertEquals(0, Files.size(other));
    }

    @Test
    void awaitedWriteToAClosedDescriptorShouldFail() throws IOException {
        assertEquals(
                -Errno.EBADF,
                withClosedDescriptor(file -> file.writeAwaited(0, pool.block(0), 0, 512, 0)));
    }

    @Test
    void syncOfAClosedDescriptorShouldFail() throws IOException {
        assertEquals(-Errno.EBADF, withClosedDescriptor(file -> file.sync(0)));
    }

    /** It can't be closed again, and nothing is in flight for that. */
    @Test
    void engineShouldHaveNothingInFlightWhenAFileCannotBeClosed() throws IOException {
        Path path = Files.createFile(directory.resolve("data"));
        UringIo io = openIo();
        int fd = Libc.open(path, Libc.O_RDWR, 0);
        UringFile file = io.adopt(path, fd, false);
        assertTrue(file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, 0));
        Libc.close(fd);

        AppendException thrown = assertThrows(AppendException.class, io::close);

        assertEquals(Errno.EBADF, thrown.errno());
        assertEquals(0, io.inFlight());
        io.close();
    }

    private int writeWithClosedDescriptor(Feature... missing) throws IOException {
        return withClosedDescriptor(
                file -> file.writeAt(0, pool.block(0), 0, 512, Reach.WRITTEN, 0), missing);
    }

    private int withClosedDescriptor(Predicate<AsyncFile> submission, Feature... missing)
            throws IOException {
        Path path = Files.createFile(directory.resolve("data"));
        int[] results = new int[1];
        try (UringIo io = openIo(missing)) {
            int fd = Libc.open(path, Libc.O_RDWR, 0);
            UringFile file = io.adopt(path, fd, false);
            Libc.close(fd);
            assertTrue(submission.test(file));
            while (io.inFlight() > 0) {
                io.await((tag, result) -> results[0] = result, TIMEOUT_NS);
            }
            // The engine closes the descriptor again; by then it must not be somebody else's.
            assertEquals(fd, Libc.open(path, Libc.O_RDONLY, 0));
            file.close();
        }
        return results[0];
    }

    private UringIo openIo(Feature... missing) {
        Capabilities found = LesserPlatform.without(UringProbe.probe(directory), missing);
        return UringStorage.open(directory, StorePermissions.DEFAULT, UringOptions.DEFAULT, found)
                .openIo(pool, 4, TIMEOUT_NS);
    }
}
