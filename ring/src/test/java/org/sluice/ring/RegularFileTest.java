package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.ring.ffi.Libc;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

@EnabledOnOs(OS.LINUX)
class RegularFileTest {
    @TempDir private Path directory;

    @Test
    void somethingElseShouldBeRefused() throws IOException {
        Path target = Files.createFile(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);

        assertSame(Code.NOT_A_LOG, codeOf(link));
        assertSame(Code.NOT_A_LOG, codeOf(directory));
    }

    private static Code codeOf(Path path) {
        return assertThrows(AppendException.class, () -> RegularFile.open(path, Libc.O_RDONLY))
                .code();
    }

    /** As when a reader looks at a segment that retention gives up. */
    @Test
    void fileDeletedMeanwhileShouldBeMissing() throws InterruptedException {
        Path file = directory.resolve("file");
        AtomicBoolean isOver = new AtomicBoolean();
        Thread other = Thread.ofPlatform().start(() -> comeAndGo(file, isOver));
        try {
            for (int i = 0; i < 20_000; i++) {
                try {
                    Libc.close(RegularFile.open(file, Libc.O_RDONLY));
                } catch (AppendException missing) {
                    assertSame(Code.NOT_FOUND, missing.code(), "try " + i);
                }
            }
        } finally {
            isOver.set(true);
            other.join();
        }
    }

    private static void comeAndGo(Path file, AtomicBoolean isOver) {
        try {
            while (!isOver.get()) {
                Files.createFile(file);
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
