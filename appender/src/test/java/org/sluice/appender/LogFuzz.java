package org.sluice.appender;

import com.sun.management.ThreadMXBean;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Errno;
import org.sluice.store.ForgedLog;
import org.sluice.store.MemoryDirectory;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a fuzzer calls: makes a log of its input and goes one way into it. Whatever the log holds,
 * the answer is a result or an {@link AppendException} that fits, and takes bounded memory; that it
 * takes bounded time is the fuzzer's to see.
 *
 * <p>{@link LogFuzzTest} starts it.
 */
public final class LogFuzz {
    private static final long FILE_BYTES_MAX = 4L << 20;

    /** The log itself is on the heap here, and each copy of it that is recovered. */
    private static final long HEAP_BYTES_MAX = 64L << 20;

    /** A batch may claim 64 MiB, but has no more room than its file. */
    private static final long OFF_HEAP_BYTES_MAX = 16L << 20;

    private static final int ATTEMPTS = 2;

    /** What may be said of a log, whatever it holds. */
    static final Set<Code> ANSWERS =
            EnumSet.of(
                    Code.CORRUPT,
                    Code.NEWER_FORMAT,
                    Code.INDEX_TRUNCATED,
                    Code.INDEX_NOT_WRITTEN,
                    Code.ENTRY_ABORTED);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Surface surface = Surface.AGREE;

    /** The ways into a log. */
    enum Surface {
        READ,
        OPEN,
        VERIFY,
        INFO,
        REPAIR,
        /** All of them, which say the same of a log that is sound. */
        AGREE
    }

    private LogFuzz() {}

    /** Called once by the fuzzer. */
    public static void fuzzerInitialize(String[] arguments) {
        surface = Surface.valueOf(arguments[0]);
    }

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        use(surface, input);
    }

    static void use(Surface surface, byte[] input) {
        for (int attempt = 0; !isFrugal(surface, input); attempt++) {
            if (attempt == ATTEMPTS) {
                throw new AssertionError("too much memory");
            }
        }
    }

    /** The first time classes are loaded too, and instrumented, which takes memory. */
    private static boolean isFrugal(Surface surface, byte[] input) {
        MemoryDirectory log = ForgedLog.of(input).limitFiles(FILE_BYTES_MAX);
        long offHeap = offHeapBytes();
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        try {
            go(surface, log);
        } catch (AppendException e) {
            requireAnswer(e);
        }
        heap = THREADS.getCurrentThreadAllocatedBytes() - heap;
        offHeap = offHeapBytes() - offHeap;
        return heap <= HEAP_BYTES_MAX && offHeap <= OFF_HEAP_BYTES_MAX;
    }

    private static void go(Surface surface, MemoryDirectory log) {
        switch (surface) {
            case READ -> LogFuzzWays.read(log);
            case OPEN -> LogFuzzWays.open(log);
            case VERIFY -> LogFuzzWays.verify(log);
            case INFO -> LogFuzzWays.info(log);
            case REPAIR -> LogFuzzWays.repair(log);
            case AGREE -> LogFuzzWays.agree(log);
        }
    }

    /** Throws what no input may lead to. */
    static void requireAnswer(AppendException e) {
        if (!ANSWERS.contains(e.code()) && !isTooLarge(e)) {
            throw e;
        }
    }

    /** Whether only the limit of this test on a file's size was in the way. */
    static boolean isTooLarge(AppendException e) {
        return e.errno() == Errno.EFBIG;
    }

    private static long offHeapBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
