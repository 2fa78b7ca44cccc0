package org.sluice.ring;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** System calls with which tests bring real faults about. */
final class NativeCalls {
    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_MODE_FILTER = 2;
    private static final int SECCOMP_RET_ALLOW = 0x7fff_0000;
    private static final int SECCOMP_RET_ERRNO = 0x0005_0000;
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int IO_URING_SETUP = 425;

    private static final Linker LINKER = Linker.nativeLinker();

    private NativeCalls() {}

    /** Makes {@code target} another name of {@code source}, closing what it was before. */
    static void dup2(int source, int target) {
        check(call("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), source, target));
    }

    /** The kernel's number of the calling thread. */
    static int threadId() {
        return call("gettid", FunctionDescriptor.of(JAVA_INT));
    }

    /** Sends a signal to a thread of this process. */
    static void signal(int threadId, int signal) {
        int pid = (int) ProcessHandle.current().pid();
        FunctionDescriptor types = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
        check(call("tgkill", types, pid, threadId, signal));
    }

    /** From now on io_uring_setup(2) answers the calling thread with {@code errno}. */
    static void denyRings(int errno) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(4 * 8, 8);
            // The number of the system call is the first word of what the filter is shown.
            instruction(filter, 0, LOAD_WORD, 0, 0, 0);
            instruction(filter, 1, JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP);
            instruction(filter, 2, RETURN, 0, 0, SECCOMP_RET_ERRNO | errno);
            instruction(filter, 3, RETURN, 0, 0, SECCOMP_RET_ALLOW);
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 4);
            program.set(ADDRESS, 8, filter);
            prctl(PR_SET_NO_NEW_PRIVS, 1, MemorySegment.NULL);
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
        }
    }

    private static void instruction(
            MemorySegment filter, int index, short code, int ifTrue, int ifFalse, int operand) {
        long at = 8L * index;
        filter.set(ValueLayout.JAVA_SHORT, at, code);
        filter.set(ValueLayout.JAVA_BYTE, at + 2, (byte) ifTrue);
        filter.set(ValueLayout.JAVA_BYTE, at + 3, (byte) ifFalse);
        filter.set(JAVA_INT, at + 4, operand);
    }

    private static void prctl(int option, long second, MemorySegment third) {
        FunctionDescriptor types =
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
        MethodHandle handle =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("prctl"),
                        types,
                        Linker.Option.firstVariadicArg(1));
        try {
            check((int) handle.invokeExact(option, second, third, 0L, 0L));
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static int call(String name, FunctionDescriptor types, Object... arguments) {
        MethodHandle handle =
                LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), types);
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static void check(int result) {
        if (result < 0) {
            throw new AssertionError("the call failed");
        }
    }
}
