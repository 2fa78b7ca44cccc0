package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The structs that Sluice and liburing, or Sluice and the kernel, share.
 *
 * <p>{@code struct io_uring} (liburing.h, the same from 2.0 to 2.14) is read for its pointers only;
 * which fields the library keeps beside them is its own business. 64-bit platforms.
 */
final class RingLayout {
    private static final StructLayout SUBMISSION_QUEUE =
            MemoryLayout.structLayout(
                    ADDRESS.withName("khead"),
                    ADDRESS.withName("ktail"),
                    ADDRESS.withName("kring_mask"),
                    ADDRESS.withName("kring_entries"),
                    ADDRESS.withName("kflags"),
                    ADDRESS.withName("kdropped"),
                    ADDRESS.withName("array"),
                    ADDRESS.withName("sqes"),
                    JAVA_INT.withName("sqe_head"),
                    JAVA_INT.withName("sqe_tail"),
                    JAVA_LONG.withName("ring_sz"),
                    ADDRESS.withName("ring_ptr"),
                    // ring_mask, ring_entries and padding: zero before 2.3, so not used
                    MemoryLayout.paddingLayout(16));

    private static final StructLayout COMPLETION_QUEUE =
            MemoryLayout.structLayout(
                    ADDRESS.withName("khead"),
                    ADDRESS.withName("ktail"),
                    ADDRESS.withName("kring_mask"),
                    ADDRESS.withName("kring_entries"),
                    ADDRESS.withName("kflags"),
                    ADDRESS.withName("koverflow"),
                    ADDRESS.withName("cqes"),
                    JAVA_LONG.withName("ring_sz"),
                    ADDRESS.withName("ring_ptr"),
                    MemoryLayout.paddingLayout(16));

    static final StructLayout RING =
            MemoryLayout.structLayout(
                    SUBMISSION_QUEUE.withName("sq"),
                    COMPLETION_QUEUE.withName("cq"),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("ring_fd"),
                    JAVA_INT.withName("features"),
                    JAVA_INT.withName("enter_ring_fd"),
                    MemoryLayout.paddingLayout(8));

    static final StructLayout PARAMS =
            MemoryLayout.structLayout(
                    JAVA_INT.withName("sq_entries"),
                    JAVA_INT.withName("cq_entries"),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("sq_thread_cpu"),
                    JAVA_INT.withName("sq_thread_idle"),
                    JAVA_INT.withName("features"),
                    JAVA_INT.withName("wq_fd"),
                    MemoryLayout.paddingLayout(12),
                    // sq_off and cq_off, which liburing turns into pointers
                    MemoryLayout.paddingLayout(80));

    /** io_uring_getevents_arg: how long io_uring_enter(2) may wait. */
    static final StructLayout WAIT_ARGUMENT =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("sigmask"),
                    JAVA_INT.withName("sigmask_sz"),
                    JAVA_INT.withName("min_wait_usec"),
                    ADDRESS.withName("ts"));

    /** __kernel_timespec. */
    static final StructLayout TIMESPEC =
            MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

    /** iovec. */
    static final StructLayout IOVEC =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("iov_base"), JAVA_LONG.withName("iov_len"));

    static final long SQ_KHEAD = ringOffset("sq", "khead");
    static final long SQ_KTAIL = ringOffset("sq", "ktail");
    static final long SQ_KRING_ENTRIES = ringOffset("sq", "kring_entries");
    static final long SQ_KFLAGS = ringOffset("sq", "kflags");
    static final long SQ_SQES = ringOffset("sq", "sqes");
    static final long CQ_KHEAD = ringOffset("cq", "khead");
    static final long CQ_KTAIL = ringOffset("cq", "ktail");
    static final long CQ_KRING_ENTRIES = ringOffset("cq", "kring_entries");
    static final long CQ_CQES = ringOffset("cq", "cqes");
    static final long RING_FD = offset(RING, "ring_fd");
    static final long ENTER_RING_FD = offset(RING, "enter_ring_fd");

    static final long PARAMS_SQ_ENTRIES = offset(PARAMS, "sq_entries");
    static final long PARAMS_CQ_ENTRIES = offset(PARAMS, "cq_entries");
    static final long PARAMS_FLAGS = offset(PARAMS, "flags");
    static final long PARAMS_SQ_THREAD_IDLE = offset(PARAMS, "sq_thread_idle");
    static final long PARAMS_FEATURES = offset(PARAMS, "features");

    static final long WAIT_SIGMASK_BYTES = offset(WAIT_ARGUMENT, "sigmask_sz");
    static final long WAIT_TIMESPEC = offset(WAIT_ARGUMENT, "ts");
    static final long TIMESPEC_SECONDS = offset(TIMESPEC, "tv_sec");
    static final long TIMESPEC_NANOS = offset(TIMESPEC, "tv_nsec");

    static {
        expect(216, RING.byteSize());
        expect(0, SQ_KHEAD);
        expect(8, SQ_KTAIL);
        expect(24, SQ_KRING_ENTRIES);
        expect(32, SQ_KFLAGS);
        expect(56, SQ_SQES);
        expect(104, CQ_KHEAD);
        expect(112, CQ_KTAIL);
        expect(128, CQ_KRING_ENTRIES);
        expect(152, CQ_CQES);
        expect(196, RING_FD);
        expect(204, ENTER_RING_FD);
        expect(120, PARAMS.byteSize());
        expect(8, PARAMS_FLAGS);
        expect(16, PARAMS_SQ_THREAD_IDLE);
        expect(20, PARAMS_FEATURES);
        expect(24, WAIT_ARGUMENT.byteSize());
        expect(16, WAIT_TIMESPEC);
        expect(16, TIMESPEC.byteSize());
        expect(16, IOVEC.byteSize());
    }

    private RingLayout() {}

    /** Follows a pointer field of {@code struct io_uring} to {@code bytes} bytes. */
    static MemorySegment pointed(MemorySegment ring, long fieldOffset, long bytes) {
        return ring.get(ADDRESS, fieldOffset).reinterpret(bytes);
    }

    private static long ringOffset(String queue, String field) {
        return RING.byteOffset(PathElement.groupElement(queue), PathElement.groupElement(field));
    }

    private static long offset(StructLayout struct, String field) {
        return struct.byteOffset(PathElement.groupElement(field));
    }

    private static void expect(long expected, long actual) {
        if (expected != actual) {
            throw new AssertionError("struct layout: expected " + expected + ", got " + actual);
        }
    }
}
