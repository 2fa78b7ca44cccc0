package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

class FaultsTest {
    @TempDir Path temporary;

    @Test
    void exceptionsShouldBeToldApartByType() {
        assertCode(AppendException.Code.NOT_FOUND, Errno.ENOENT, new NoSuchFileException("x"));
        assertCode(
                AppendException.Code.ACCESS_DENIED, Errno.EACCES, new AccessDeniedException("x"));
        assertCode(AppendException.Code.IO, Errno.EEXIST, new FileAlreadyExistsException("x"));
        assertCode(AppendException.Code.IO, Errno.ENOTDIR, new NotDirectoryException("x"));
        assertCode(AppendException.Code.IO, Errno.EBADF, new ClosedByInterruptException());
        assertCode(AppendException.Code.IO, AppendException.NONE, new FileSystemException("x"));
    }

    /** Free bytes say nothing about a quota, nor about inodes. */
    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Disk quota exceeded", "Quota exceeded"})
    void reasonShouldDecideWhetherAWriteFoundTheDiskFull(String reason) {
        assertSame(AppendException.Code.DISK_FULL, codeOfWrite(new IOException(reason)));
        IOException named = new FileSystemException("f", null, reason);
        assertSame(AppendException.Code.DISK_FULL, codeOfWrite(named));
        Path gone = temporary.resolve("gone/f");
        assertEquals(Errno.ENOSPC, FileFaults.writeErrno(named, gone, 1));
        assertCode(AppendException.Code.IO, AppendException.NONE, new IOException(reason));
    }

    @Test
    void nameOfAFileShouldDecideNothing() {
        IOException lying = new FileSystemException("No space left on device", null, "an error");

        assertSame(AppendException.Code.IO, codeOfWrite(lying));
        assertSame(AppendException.Code.IO, codeOfWrite(new FileSystemException("f")));
        assertSame(AppendException.Code.IO, codeOfWrite(new IOException()));
    }

    private AppendException.Code codeOfWrite(IOException cause) {
        return FileFaults.ofWrite(cause, "write to", temporary.resolve("f"), 1).code();
    }

    @Test
    void writeThatCannotFitShouldBeDiskFull() {
        IOException cause = new IOException("Eingabe-/Ausgabefehler");
        Path file = temporary.resolve("f");

        AppendException e = FileFaults.ofWrite(cause, "write to", file, Long.MAX_VALUE / 2);

        assertSame(AppendException.Code.DISK_FULL, e.code());
        assertEquals(Errno.ENOSPC, e.errno());
        assertSame(cause, e.getCause());
        assertEquals(-1, e.index());
    }

    @Test
    void faultInAVanishedDirectoryShouldBePlain() {
        Path file = temporary.resolve("gone/f");

        assertEquals(Errno.EIO, FileFaults.writeErrno(new IOException(), file, 1));
    }

    private void assertCode(AppendException.Code code, int errno, IOException cause) {
        Path file = temporary.resolve("f");
        AppendException e = FileFaults.of(cause, "read", file);
        assertSame(code, e.code());
        assertEquals(errno, e.errno());
        assertSame(cause, e.getCause());
        assertEquals(file, e.file());
        assertTrue(e.getMessage().startsWith("cannot read " + file + ": "), e.getMessage());
    }

    @Test
    void eachErrnoShouldHaveItsOwnSentence() throws IllegalAccessException {
        Set<String> sentences = new HashSet<>();
        for (var field : Errno.class.getFields()) {
            int errno = field.getInt(null);
            String sentence = Errno.sentence(errno);
            assertTrue(
                    sentence.contains(field.getName()) || sentence.contains("errno " + errno),
                    sentence);
            assertTrue(sentences.add(sentence), sentence);
        }

        assertEquals("the operating system answered with error 999", Errno.sentence(999));
        assertTrue(Errno.isDiskFull(Errno.ENOSPC) && Errno.isDiskFull(Errno.EDQUOT));
        assertFalse(Errno.isDiskFull(Errno.EIO));
    }

    @Test
    void capabilitiesShouldHaveAValueForEachFeature() {
        Map<Feature, Support> given = new HashMap<>();
        given.put(Feature.DIRECT_IO, Support.yes("512 bytes"));
        Capabilities capabilities = new Capabilities("os", "6.1", null, 512, -1, given);
        given.clear();

        assertTrue(capabilities.has(Feature.DIRECT_IO));
        assertFalse(capabilities.has(Feature.IO_URING));
        assertEquals(Set.of(Feature.values()), capabilities.features().keySet());
        assertEquals("not probed", capabilities.features().get(Feature.SQPOLL).reason());
    }
}
