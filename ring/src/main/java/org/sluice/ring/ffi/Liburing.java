package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of liburing that Sluice calls. All answer with a negated error number themselves,
 * so nothing is captured. None is linked as "critical": every one can enter the kernel, and those
 * that can wait there must not hold up a safepoint.
 *
 * <p>What liburing offers as inline functions only (filling a submission, reading a completion) is
 * {@link SubmissionQueue} and {@link CompletionQueue}.
 *
 * <p>The library is looked up when {@link #missing()} is first asked; that, {@link #isDenied()} and
 * {@link #version()} never throw. The other methods may be called only where {@link #missing()}
 * returned null.
 */
public final class Liburing {
    /** System property: another name, or the path, of the library. */
    public static final String LIBRARY_PROPERTY = "sluice.liburing";

    private static final String LIBRARY_NAME = "liburing.so.2";

    private Liburing() {}

    /** Null if the library can be used; else why not, in one sentence without a full stop. */
    public static String missing() {
        return Library.MISSING;
    }

    /**
     * Whether the JVM lets Sluice call nothing native at all: then {@link Libc} is not to be used.
     */
    public static boolean isDenied() {
        return Library.IS_DENIED;
    }

    /** The library's version, or null if it is missing. */
    public static String version() {
        return Library.MISSING == null ? Functions.version() : null;
    }

    /** The name or path under which the library is looked for. */
    static String libraryName() {
        return System.getProperty(LIBRARY_PROPERTY, LIBRARY_NAME);
    }

    static int queueInit(int entries, MemorySegment ring, MemorySegment params) {
        try {
            return (int) Functions.QUEUE_INIT_PARAMS.invokeExact(entries, ring, params);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static void queueExit(MemorySegment ring) {
        try {
            Functions.QUEUE_EXIT.invokeExact(ring);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** io_uring_setup(2) alone: a descriptor, nothing mapped. */
    static int setup(int entries, MemorySegment params) {
        try {
            return (int) Functions.SETUP.invokeExact(entries, params);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int enter(
            int fd,
            int submitCount,
            int minComplete,
            int flags,
            MemorySegment argument,
            long argumentBytes) {
        try {
            return (int)
                    Functions.ENTER2.invokeExact(
                            fd, submitCount, minComplete, flags, argument, argumentBytes);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int registerBuffers(MemorySegment ring, MemorySegment iovecs, int count) {
        try {
            return (int) Functions.REGISTER_BUFFERS.invokeExact(ring, iovecs, count);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int unregisterBuffers(MemorySegment ring) {
        try {
            return (int) Functions.UNREGISTER_BUFFERS.invokeExact(ring);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int registerFiles(MemorySegment ring, MemorySegment fds, int count) {
        try {
            return (int) Functions.REGISTER_FILES.invokeExact(ring, fds, count);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int registerFilesUpdate(MemorySegment ring, int slot, MemorySegment fds, int count) {
        try {
            return (int) Functions.REGISTER_FILES_UPDATE.invokeExact(ring, slot, fds, count);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    static int registerRingFd(MemorySegment ring) {
        try {
            return (int) Functions.REGISTER_RING_FD.invokeExact(ring);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }

    /** Looks for the library; holds a reason instead of failing to initialise. */
    private static final class Library {
        static final SymbolLookup LOOKUP;
        static final String MISSING;
        static final boolean IS_DENIED;

        static {
            SymbolLookup lookup = null;
            String missing = null;
            boolean isDenied = false;
            try {
                lookup = SymbolLookup.libraryLookup(libraryName(), Arena.global());
                if (lookup.find("io_uring_enter2").isEmpty()) {
                    missing = libraryName() + " is older than version 2.3";
                }
            } catch (IllegalArgumentException e) {
                missing = "the library " + libraryName() + " was not found";
            } catch (IllegalCallerException e) {
                missing = "native access is denied to Sluice by the JVM's flags";
                isDenied = true;
            }
            LOOKUP = lookup;
            MISSING = missing;
            IS_DENIED = isDenied;
        }
    }

    /** Initialised only when the library is there. */
    private static final class Functions {
        static final MethodHandle QUEUE_INIT_PARAMS =
                function(
                        "io_uring_queue_init_params",
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        static final MethodHandle QUEUE_EXIT =
                function("io_uring_queue_exit", FunctionDescriptor.ofVoid(ADDRESS));
        static final MethodHandle SETUP =
                function("io_uring_setup", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        static final MethodHandle ENTER2 =
                function(
                        "io_uring_enter2",
                        FunctionDescriptor.of(
                                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS,
                                JAVA_LONG));
        static final MethodHandle REGISTER_BUFFERS =
                function(
                        "io_uring_register_buffers",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        static final MethodHandle UNREGISTER_BUFFERS =
                function("io_uring_unregister_buffers", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        static final MethodHandle REGISTER_FILES =
                function(
                        "io_uring_register_files",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        static final MethodHandle REGISTER_FILES_UPDATE =
                function(
                        "io_uring_register_files_update",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle REGISTER_RING_FD =
                function("io_uring_register_ring_fd", FunctionDescriptor.of(JAVA_INT, ADDRESS));

        private static MethodHandle function(String name, FunctionDescriptor descriptor) {
            return Native.function(Library.LOOKUP, name, descriptor);
        }

        /** Asked of the library since 2.4; before, it is what its newest function tells. */
        static String version() {
            if (Library.LOOKUP.find("io_uring_major_version").isEmpty()) {
                return "2.3";
            }
            FunctionDescriptor number = FunctionDescriptor.of(JAVA_INT);
            try {
                int major = (int) function("io_uring_major_version", number).invokeExact();
                int minor = (int) function("io_uring_minor_version", number).invokeExact();
                return major + "." + minor;
            } catch (Throwable thrown) {
                throw Native.unexpected(thrown);
            }
        }
    }
}
