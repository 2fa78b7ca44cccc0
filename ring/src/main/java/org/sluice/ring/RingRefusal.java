package org.sluice.ring;

import org.sluice.store.AppendException;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Why the kernel refuses a ring, or something with it, and what an operator can do: an error number
 * alone does not tell a container's filter from an old kernel.
 */
final class RingRefusal {
    private static final Path DISABLED_SYSCTL = Path.of("/proc/sys/kernel/io_uring_disabled");

    private static final String RAISE_MEMLOCK =
            "raise the limit on locked memory (ulimit -l, LimitMEMLOCK= of systemd, --ulimit memlock=-1"
                    + " of Docker), or make the log's blocks fewer or smaller";

    private RingRefusal() {}

    /** Explains why a ring could not be made; what no error number stands for says it itself. */
    static Support of(AppendException failure) {
        return failure.errno() == AppendException.NONE
                ? Support.no(String.valueOf(failure.getMessage()), "")
                : ofRing(failure.errno());
    }

    /**
     * Explains the refusal of a ring as a whole.
     *
     * @param errno what io_uring_setup(2) answered
     */
    static Support ofRing(int errno) {
        return ofRing(errno, disabledSysctl());
    }

    /**
     * As {@link #ofRing(int)}.
     *
     * @param disabled the value of kernel.io_uring_disabled, or "" where there is none
     */
    static Support ofRing(int errno, String disabled) {
        return switch (errno) {
            case Errno.EPERM -> ofPermission(disabled);
            case Errno.ENOSYS ->
                    Support.no(
                            "the kernel has no io_uring, or a filter hides it (ENOSYS)",
                            "run Linux 5.11 or newer, with a seccomp profile that allows io_uring");
            default -> ofErrno(errno);
        };
    }

    /**
     * Explains why one feature is missing where rings as such work.
     *
     * @param since the kernel that brought the feature
     */
    static Support ofFeature(int errno, String since) {
        if (errno == Errno.EINVAL) {
            return Support.no(
                    "the kernel is too old: it came with " + since + " (EINVAL)", "run " + since);
        }
        return ofErrno(errno);
    }

    /** Explains why {@code bytes} bytes of buffers could not be registered. */
    static Support ofBuffers(int errno, long bytes, long memlockBytes) {
        if (errno == Errno.ENOMEM) {
            return Support.no(
                    bytes
                            + " bytes could not be locked under the limit of "
                            + memlockBytes
                            + " bytes (ENOMEM)",
                    RAISE_MEMLOCK);
        }
        return ofErrno(errno);
    }

    private static Support ofPermission(String disabled) {
        return switch (disabled) {
            case "2" ->
                    Support.no(
                            "io_uring is switched off on this machine (kernel.io_uring_disabled is 2)",
                            "as root: sysctl -w kernel.io_uring_disabled=0");
            case "1" ->
                    Support.no(
                            "io_uring is for one group and for privileged processes only"
                                    + " (kernel.io_uring_disabled is 1)",
                            "join the group that kernel.io_uring_group names, or as root: sysctl -w"
                                    + " kernel.io_uring_disabled=0");
            default ->
                    Support.no(
                            "a filter denies io_uring to this process (EPERM), as container runtimes do"
                                    + " unless told otherwise",
                            "run the container with a seccomp profile that allows io_uring_setup,"
                                    + " io_uring_enter and io_uring_register");
        };
    }

    private static Support ofErrno(int errno) {
        String remedy =
                switch (errno) {
                    case Errno.ENOMEM -> RAISE_MEMLOCK;
                    case Errno.EMFILE -> "raise the limit on open files (ulimit -n)";
                    case Errno.EACCES -> "ask the security policy of this machine for io_uring";
                    default -> "";
                };
        return Support.no(Errno.sentence(errno), remedy);
    }

    private static String disabledSysctl() {
        try {
            return Files.readString(DISABLED_SYSCTL).strip();
        } catch (IOException e) {
            // Before Linux 6.6 there is no such switch.
            return "";
        }
    }
}
