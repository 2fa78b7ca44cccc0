package org.sluice.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command reads and writes: the process's own streams, or a test's.
 *
 * @param isOutPipe whether standard output goes to another program, which may close it
 * @param isErrTerminal whether standard error is watched by a person
 */
record StandardStreams(
        ReadableByteChannel in,
        StandardOutput out,
        PrintStream err,
        boolean isOutPipe,
        boolean isErrTerminal) {

    private static final int ERR_BYTES = 4096;

    // <sys/stat.h>: what a file is, in the mode's upper bits; the same on every Unix.
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFSOCK = 0xC000;

    @SuppressWarnings("resource") // the process's own descriptors end with it
    static StandardStreams ofProcess() {
        FileInputStream in = new FileInputStream(FileDescriptor.in);
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        int outType = fileType(1);
        return new StandardStreams(
                in.getChannel(),
                new StandardOutput(out.getChannel()),
                new PrintStream(
                        new java.io.BufferedOutputStream(err, ERR_BYTES),
                        true,
                        StandardCharsets.UTF_8),
                outType == S_IFIFO || outType == S_IFSOCK,
                fileType(2) == S_IFCHR && !isNull(2));
    }

    /**
     * Prints to standard output at once, for a command that has more to do than to print: where
     * whoever read it is gone, that is not the end of it.
     */
    void report(String text) {
        try {
            out.print(text);
            out.flush();
        } catch (OutputException e) {
            if (!isOutPipe) {
                throw e;
            }
        }
    }

    private static int fileType(int fd) {
        try {
            return (Integer) Files.getAttribute(pathOf(fd), "unix:mode") & S_IFMT;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
            return 0;
        }
    }

    /** {@code /dev/null} is a character device too, and watched by nobody. */
    private static boolean isNull(int fd) {
        try {
            Object device = Files.getAttribute(pathOf(fd), "unix:rdev");
            return device.equals(Files.getAttribute(Path.of("/dev/null"), "unix:rdev"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
            return false;
        }
    }

    private static Path pathOf(int fd) {
        return Path.of("/dev/fd/" + fd);
    }
}
