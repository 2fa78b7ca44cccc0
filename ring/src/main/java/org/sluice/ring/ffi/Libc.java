package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * The calls of the C library that the JDK does not offer, on 64-bit Linux.
 *
 * <p>Every call returns what the C function returns, or the negated error number: errno is captured
 * with the call, because the JVM may make calls of its own before anyone could ask for it. Any
 * thread.
 *
 * <p>This class must be touched on Linux only.
 */
public final class Libc {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_CLOEXEC = 0x8_0000;

    /** asm-generic/fcntl.h; on arm64 it is asm/fcntl.h that says otherwise. */
    public static final int O_DIRECT = isArm64() ? 0x1_0000 : 0x4000;

    /** Fails with ELOOP at a symbolic link; see {@link #O_DIRECT} for arm64. */
    public static final int O_NOFOLLOW = isArm64() ? 0x8000 : 0x2_0000;

    /** A file without a name; see {@link #O_DIRECT} for arm64. */
    public static final int O_TMPFILE = 0x40_0000 | (isArm64() ? 0x4000 : 0x1_0000);

    /**
     * The answer of {@link #directAlignBytes(Path)} for "nobody says"; no alignment is that large.
     */
    public static final int UNTOLD = Integer.MAX_VALUE;

    /** asm-generic/resource.h. */
    private static final int RLIMIT_MEMLOCK = 8;

    private static final long RLIM_INFINITY = -1L;

    // linux/fcntl.h and linux/stat.h
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final int STATX_BYTES = 256;
    private static final int STATX_MASK_OFFSET = 0;
    private static final int STATX_DIO_MEMORY_ALIGN_OFFSET = 0x98;
    private static final int STATX_DIO_OFFSET_ALIGN_OFFSET = 0x9c;

    private static final int SEEK_END = 2;

    /** bits/fcntl.h; another number on s390 only. */
    private static final int POSIX_FADV_DONTNEED = 4;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(PathElement.groupElement("errno")).withInvokeExactBehavior();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private static final SymbolLookup LIBRARY = Native.LINKER.defaultLookup();

    private static final MethodHandle OPEN =
            function(
                    "open",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    // int open(const char *, int, ...)
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FALLOCATE =
            function(
                    "fallocate",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FADVISE =
            function(
                    "posix_fadvise",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FDATASYNC =
            function("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PWRITE =
            function(
                    "pwrite",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle LSEEK =
            function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

    /** Null where the C library is older than 2018. */
    private static final MethodHandle STATX =
            LIBRARY.find("statx").isEmpty()
                    ? null
                    : function(
                            "statx",
                            FunctionDescriptor.of(
                                    JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private static final MethodHandle GETRLIMIT =
            function("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    private Libc() {}

    /** open(2) with O_CLOEXEC; {@code mode} matters when a file is created. */
    public static int open(Path path, int flags, int mode) {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = pathBytes(path.toString(), arena);
            return result((int) OPEN.invokeExact(state, name, flags | O_CLOEXEC, mode), state);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** close(2). After EINTR the descriptor is gone all the same: never call it twice. */
    public static int close(int fd) {
        MemorySegment state = STATE.get();
        try {
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** fallocate(2), mode 0: reserves blocks and extends the size. */
    public static int fallocate(int fd, long position, long bytes) {
        MemorySegment state = STATE.get();
        try {
            return result((int) FALLOCATE.invokeExact(state, fd, 0, position, bytes), state);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** posix_fadvise(2), POSIX_FADV_DONTNEED for the whole file: drops its clean pages. */
    public static int uncache(int fd) {
        MemorySegment state = STATE.get();
        try {
            // Unlike the others it returns the error number, and positive.
            return -(int) FADVISE.invokeExact(state, fd, 0L, 0L, POSIX_FADV_DONTNEED);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** fdatasync(2). */
    public static int fdatasync(int fd) {
        MemorySegment state = STATE.get();
        try {
            return result((int) FDATASYNC.invokeExact(state, fd), state);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** The size of an open file in bytes. */
    public static long size(int fd) {
        MemorySegment state = STATE.get();
        try {
            long bytes = (long) LSEEK.invokeExact(state, fd, 0L, SEEK_END);
            return bytes < 0 ? -errno(state) : bytes;
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** pwrite(2) of {@code bytes} bytes at {@code address}. */
    public static long pwrite(int fd, long address, long bytes, long position) {
        MemorySegment state = STATE.get();
        try {
            long written = (long) PWRITE.invokeExact(state, fd, address, bytes, position);
            return written < 0 ? -errno(state) : written;
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /**
     * The alignment that O_DIRECT asks of position, length and address in this file, as statx(2)
     * tells since Linux 6.1. Changes nothing on disk.
     *
     * @return bytes; 0 if the file can't be had with O_DIRECT; {@link #UNTOLD} where the C library,
     *     the kernel or the filesystem doesn't tell; or a negated error number
     */
    public static int directAlignBytes(Path path) {
        return directAlignBytes(AT_FDCWD, path.toString(), 0);
    }

    /** As {@link #directAlignBytes(Path)} for an open file. */
    public static int directAlignBytes(int fd) {
        return directAlignBytes(fd, "", AT_EMPTY_PATH);
    }

    private static int directAlignBytes(int fd, String path, int flags) {
        if (STATX == null) {
            return UNTOLD;
        }
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = pathBytes(path, arena);
            MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
            int result = (int) STATX.invokeExact(state, fd, name, flags, STATX_DIOALIGN, statx);
            return result < 0 ? -errno(state) : directAlignBytes(statx);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    private static int directAlignBytes(MemorySegment statx) {
        if ((statx.get(JAVA_INT, STATX_MASK_OFFSET) & STATX_DIOALIGN) == 0) {
            return UNTOLD;
        }
        return Math.max(
                statx.get(JAVA_INT, STATX_DIO_OFFSET_ALIGN_OFFSET),
                statx.get(JAVA_INT, STATX_DIO_MEMORY_ALIGN_OFFSET));
    }

    /** The soft limit on locked memory in bytes, {@link Long#MAX_VALUE} for none, or −errno. */
    public static long memlockLimitBytes() {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(2 * Long.BYTES, Long.BYTES);
            int result = (int) GETRLIMIT.invokeExact(state, RLIMIT_MEMLOCK, limits);
            if (result < 0) {
                return -errno(state);
            }
            long soft = limits.get(JAVA_LONG, 0);
            return soft == RLIM_INFINITY ? Long.MAX_VALUE : soft;
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    private static boolean isArm64() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    private static MethodHandle function(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = CAPTURE;
        return Native.function(LIBRARY, name, descriptor, all);
    }

    /** The path as the JDK itself would hand it to the C library. */
    private static MemorySegment pathBytes(String path, Arena arena) {
        byte[] bytes = path.getBytes(PathCharset.VALUE);
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    private static int result(int returned, MemorySegment state) {
        return returned < 0 ? -errno(state) : returned;
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static final class PathCharset {
        static final Charset VALUE =
                Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }
}
