package org.sluice.store;

import java.nio.file.Path;

/**
 * The error numbers a disk answers with, in Linux numbering (asm-generic/errno-base.h and errno.h,
 * Linux 6.1), and what each means for a log. Backends without error numbers translate into these.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int ENOSYS = 38;
    public static final int ELOOP = 40;
    public static final int EBADR = 53;
    public static final int ETIME = 62;
    public static final int EOPNOTSUPP = 95;
    public static final int ESTALE = 116;
    public static final int EDQUOT = 122;
    public static final int ECANCELED = 125;
    public static final int EOWNERDEAD = 130;

    private Errno() {}

    /** Whether waiting for space and trying again is the right answer. */
    public static boolean isDiskFull(int errno) {
        return errno == ENOSPC || errno == EDQUOT;
    }

    /**
     * Whether a file could not be opened, so that nothing was done to it, for lack of a descriptor.
     */
    static boolean isOutOfDescriptors(int errno) {
        return errno == EMFILE || errno == ENFILE;
    }

    /** Whether what failed may go well later: the disk is full, or descriptors are lacking. */
    public static boolean isForWantOfRoom(AppendException fault) {
        return fault.code() == AppendException.Code.DISK_FULL || isOutOfDescriptors(fault.errno());
    }

    /** One sentence, without a full stop, that tells an operator what happened. */
    public static String sentence(int errno) {
        return switch (errno) {
            case EPERM -> "the operation is not permitted (EPERM)";
            case ENOENT -> "the file does not exist (ENOENT)";
            case EINTR -> "the call was interrupted (EINTR)";
            case EIO -> "the device reported an I/O error (EIO)";
            case ENXIO, ENODEV -> "the device is gone (errno " + errno + ")";
            case EBADF -> "the file was closed under the log (EBADF)";
            case EAGAIN -> "the kernel is out of a resource for now (EAGAIN)";
            case ENOMEM -> "the kernel could not get or lock enough memory (ENOMEM)";
            case EACCES -> "access is denied (EACCES)";
            case EFAULT -> "a buffer lies outside the memory registered with the kernel (EFAULT)";
            case EBUSY -> "the resource is busy (EBUSY)";
            case EEXIST -> "the file exists already (EEXIST)";
            case ENOTDIR -> "it is not a directory (ENOTDIR)";
            case EISDIR -> "it is a directory (EISDIR)";
            case EINVAL ->
                    "the kernel does not know the request or its alignment is wrong (EINVAL)";
            case ENFILE -> "the system is out of file descriptors (ENFILE)";
            case EMFILE -> "the process is out of file descriptors; raise ulimit -n (EMFILE)";
            case EFBIG -> "the file would exceed the file-size limit; see ulimit -f (EFBIG)";
            case ENOSPC -> "there is no space left on the device (ENOSPC)";
            case EROFS -> "the filesystem is mounted read-only (EROFS)";
            case ENOSYS -> "the kernel does not have the system call (ENOSYS)";
            case ELOOP -> "it is a symbolic link, which is not followed (ELOOP)";
            case EBADR -> "the kernel lost a completion (EBADR)";
            case ETIME -> "the wait timed out (ETIME)";
            case EOPNOTSUPP -> "the filesystem does not support the operation (EOPNOTSUPP)";
            case ESTALE -> "the network filesystem lost the file (ESTALE)";
            case EDQUOT -> "the disk quota is used up (EDQUOT)";
            case ECANCELED -> "the operation was cancelled (ECANCELED)";
            case EOWNERDEAD -> "the kernel thread that takes submissions has died (EOWNERDEAD)";
            default -> "the operating system answered with error " + errno;
        };
    }

    /** The exception for a failed call on {@code file}; {@code doing} names the act: "write to". */
    public static AppendException exception(int errno, String doing, Path file) {
        return exception(errno, doing, file, null);
    }

    /** As {@link #exception(int, String, Path)}, with what it was noticed by. */
    public static AppendException exception(int errno, String doing, Path file, Throwable cause) {
        AppendException.Code code =
                switch (errno) {
                    case ENOSPC, EDQUOT -> AppendException.Code.DISK_FULL;
                    case EPERM, EACCES, EROFS -> AppendException.Code.ACCESS_DENIED;
                    case ENOENT -> AppendException.Code.NOT_FOUND;
                    default -> AppendException.Code.IO;
                };
        String message = "cannot " + doing + " " + file + ": " + sentence(errno);
        return new AppendException(code, message, file, AppendException.NONE, errno, cause);
    }
}
