package org.sluice.store;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Counts, and where asked for tells, what a {@link SimulatedDisk} did to those who use it. */
public final class DiskEvents {
    /** A write was carried out in several parts. */
    public static final String PARTIAL = "write in parts";

    /** A write ended short and was reported so. */
    public static final String SHORT = "short write reported";

    /** A completion overtook one of an earlier submission. */
    public static final String OVERTAKEN = "completion out of order";

    /** A completion overtook one of an earlier submission to another file. */
    public static final String OVERTAKEN_ACROSS = "completion out of order across files";

    /** A completion was kept back though the operation was done. */
    public static final String LATE = "completion late";

    /** A failed sync left sectors that no later sync writes. */
    public static final String PAGES_LOST = "pages lost by a failed sync";

    /** The power went. */
    public static final String POWER_CUT = "power cut";

    /** The power went inside of a call. */
    public static final String CUT_IN_CALL = "power cut inside of a call";

    /** The power went with a write under way, of which a part was done. */
    public static final String TORN = "write torn by a power cut";

    /** The process went, and the system stayed. */
    public static final String KILL = "kill";

    /** There was no space. */
    public static final String DISK_FULL = "disk full";

    /** A name that was not synced yet was lost, or one removed came back. */
    public static final String NAMES_LOST = "names lost by a power cut";

    /** A file that was written before became a segment again. */
    public static final String RECYCLED = "file recycled";

    private final Map<String, Long> counts = new TreeMap<>();
    private boolean isTraced;

    /** Prints everything from now on. */
    public void trace() {
        isTraced = true;
    }

    /** Something happened that is worth counting. */
    public void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    /** Something happened that is worth telling. */
    public void tell(Supplier<String> what) {
        if (isTraced) {
            System.out.println("    " + what.get());
        }
    }

    /** How often each thing happened. */
    public Map<String, Long> counts() {
        return counts;
    }

    /** The name under which failures of {@code call} with {@code errno} are counted. */
    public static String failure(DiskCall call, int errno) {
        return call + " fails with " + nameOf(errno);
    }

    static String nameOf(int errno) {
        return switch (errno) {
            case Errno.EIO -> "EIO";
            case Errno.EINTR -> "EINTR";
            case Errno.EAGAIN -> "EAGAIN";
            case Errno.ENOSPC -> "ENOSPC";
            default -> "errno " + errno;
        };
    }
}
