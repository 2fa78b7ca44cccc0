package org.sluice.ring.ffi;

/**
 * Numbers of the kernel's io_uring interface, from {@code linux/io_uring.h} and {@code linux/fs.h}
 * of Linux 6.6. They are the same on every architecture and never change once released.
 */
public final class UringAbi {
    // io_uring_setup(2): io_uring_params.flags
    public static final int SETUP_SQPOLL = 1 << 1;
    public static final int SETUP_SUBMIT_ALL = 1 << 7;
    public static final int SETUP_COOP_TASKRUN = 1 << 8;
    public static final int SETUP_TASKRUN_FLAG = 1 << 9;
    public static final int SETUP_SINGLE_ISSUER = 1 << 12;
    public static final int SETUP_DEFER_TASKRUN = 1 << 13;

    // io_uring_params.features
    public static final int FEATURE_NODROP = 1 << 1;
    public static final int FEATURE_EXT_ARG = 1 << 8;

    // io_uring_enter(2): flags
    public static final int ENTER_GETEVENTS = 1;
    public static final int ENTER_SQ_WAKEUP = 1 << 1;
    public static final int ENTER_EXT_ARG = 1 << 3;
    public static final int ENTER_REGISTERED_RING = 1 << 4;

    // flags of the submission queue, written by the kernel
    public static final int SQ_NEED_WAKEUP = 1;
    public static final int SQ_CQ_OVERFLOW = 1 << 1;
    public static final int SQ_TASKRUN = 1 << 2;

    // io_uring_sqe.opcode
    public static final int OP_NOP = 0;
    public static final int OP_FSYNC = 3;
    public static final int OP_READ_FIXED = 4;
    public static final int OP_WRITE_FIXED = 5;
    public static final int OP_READ = 22;
    public static final int OP_WRITE = 23;

    // io_uring_sqe.flags
    public static final int SQE_FIXED_FILE = 1;

    // io_uring_sqe.fsync_flags and rw_flags
    public static final int FSYNC_DATASYNC = 1;
    public static final int RWF_DSYNC = 2;

    /** Most entries a submission queue may have (IORING_MAX_ENTRIES, io_uring/io_uring.c). */
    public static final int ENTRIES_MAX = 32_768;

    private UringAbi() {}
}
