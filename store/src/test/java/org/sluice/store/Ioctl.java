package org.sluice.store;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** ioctl(2), by which tests bring the faults of devices and filesystems about. Linux only. */
@SuppressWarnings("restricted") // calling native code is what it is for
final class Ioctl {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int O_RDONLY = 0;

    private Ioctl() {}

    /** Opens {@code path}, makes the request, closes it. */
    static void call(Path path, long request, MemorySegment argument) throws IOException {
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            FunctionDescriptor types = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
            fd = (int) invoke("open", types, 2, arena.allocateFrom(path.toString()), O_RDONLY);
        }
        if (fd < 0) {
            throw new IOException("cannot open " + path);
        }
        try {
            FunctionDescriptor types =
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
            if ((int) invoke("ioctl", types, 2, fd, request, argument) < 0) {
                throw new IOException("ioctl " + Long.toHexString(request) + " failed on " + path);
            }
        } finally {
            invoke("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), 1, fd);
        }
    }

    /** Arguments from number {@code fixed} on are the variable ones. */
    private static Object invoke(
            String name, FunctionDescriptor types, int fixed, Object... arguments) {
        Linker.Option[] options =
                fixed < arguments.length
                        ? new Linker.Option[] {Linker.Option.firstVariadicArg(fixed)}
                        : new Linker.Option[0];
        MethodHandle handle =
                LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), types, options);
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }
}
