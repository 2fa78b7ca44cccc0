package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.ring.ffi.Liburing;
import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds out whether io_uring can carry a log, by making rings and using one, and what the directory
 * can do. Kernel version numbers decide nothing: distributions backport, containers forbid.
 *
 * <p>Never throws for what a platform lacks: each lack is a reason in the result. On anything but
 * 64-bit Linux, and where the JVM denies it, no native code is touched. Any thread; takes some
 * milliseconds.
 */
public final class UringProbe {
    /** Where the numbers in {@link Libc} and {@link UringAbi} were checked. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64", "riscv64");

    private static final int FILE_SLOTS = 2;
    private static final int TRIAL_ENTRIES = 4;

    private static final Support NO_LINUX =
            Support.no(
                    "io_uring is an interface of Linux on "
                            + String.join(", ", ARCHITECTURES.stream().sorted().toList()),
                    "");

    private static final String ALLOW_NATIVE = "add --enable-native-access=ALL-UNNAMED";

    private final Map<Feature, Support> features = new EnumMap<>(Feature.class);
    private final DirectoryProbe directoryProbe;
    private final Path directory;
    private final long memlockBytes;

    private UringProbe(Path directory, DirectoryProbe directoryProbe) {
        this.directory = directory;
        this.directoryProbe = directoryProbe;
        this.memlockBytes = memlockBytes();
    }

    /**
     * Probes for a log that is to be written in {@code directory}. If that exists and can be
     * written to, a scratch file without a name is used there, and is gone afterwards.
     *
     * @param directory the log's directory, or null to look at the platform only
     */
    public static Capabilities probe(Path directory) {
        return probe(directory, true);
    }

    /**
     * As {@link #probe}, without writing anything: what could only be found by writing is "no",
     * with that as its reason.
     */
    public static Capabilities probeReadOnly(Path directory) {
        return probe(directory, false);
    }

    private static Capabilities probe(Path directory, boolean mayWrite) {
        if (!isSupportedPlatform()) {
            return without(NO_LINUX);
        }
        if (Liburing.isDenied()) {
            return without(Support.no(Liburing.missing(), ALLOW_NATIVE));
        }
        DirectoryProbe found = probeDirectory(directory, mayWrite);
        return new UringProbe(directory, found).run();
    }

    private static boolean isSupportedPlatform() {
        return System.getProperty("os.name").equals("Linux")
                && ARCHITECTURES.contains(System.getProperty("os.arch"));
    }

    private static DirectoryProbe probeDirectory(Path directory, boolean mayWrite) {
        if (directory == null) {
            return DirectoryProbe.unusable("no directory was named");
        }
        if (!Files.isDirectory(directory)) {
            return DirectoryProbe.unusable("the directory does not exist");
        }
        return mayWrite ? DirectoryProbe.trying(directory) : DirectoryProbe.asking(directory);
    }

    private static Capabilities without(Support reason) {
        Map<Feature, Support> features = new EnumMap<>(Feature.class);
        for (Feature feature : Feature.values()) {
            features.put(feature, reason);
        }
        return new Capabilities(os(), kernel(), null, 0, Capabilities.UNKNOWN, features);
    }

    private static String os() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch");
    }

    private static String kernel() {
        return System.getProperty("os.version");
    }

    private static long memlockBytes() {
        long limit = Libc.memlockLimitBytes();
        return limit < 0 ? Capabilities.UNKNOWN : limit;
    }

    private Capabilities run() {
        features.put(Feature.DIRECT_IO, directoryProbe.direct());
        features.put(Feature.RESERVE_SPACE, directoryProbe.reserve());
        features.put(Feature.DIRECTORY_SYNC, directoryProbe.directorySync());
        Support ring = whyNoRing();
        if (ring == null) {
            probeSetupFlags();
            ring = probeRing();
        }
        features.put(Feature.IO_URING, ring);
        fillWith(ring);
        return new Capabilities(
                os(),
                kernel(),
                Liburing.version(),
                directoryProbe.directAlignBytes(),
                memlockBytes,
                features);
    }

    /** Null if a plain ring can be made. */
    private static Support whyNoRing() {
        String missing = Liburing.missing();
        if (missing != null) {
            return Support.no(
                    missing,
                    "install liburing 2.3 or newer: apt-get install liburing2, dnf install liburing");
        }
        int result = Ring.trySetup(0);
        return result < 0 ? RingRefusal.ofRing(-result) : null;
    }

    private void probeSetupFlags() {
        trySetup(Feature.SUBMIT_ALL, UringAbi.SETUP_SUBMIT_ALL, "Linux 5.18");
        trySetup(Feature.COOP_TASKRUN, UringAbi.SETUP_COOP_TASKRUN, "Linux 5.19");
        trySetup(Feature.SINGLE_ISSUER, UringAbi.SETUP_SINGLE_ISSUER, "Linux 6.0");
        trySetup(
                Feature.DEFER_TASKRUN,
                UringAbi.SETUP_DEFER_TASKRUN | UringAbi.SETUP_SINGLE_ISSUER,
                "Linux 6.1");
        trySetup(Feature.SQPOLL, UringAbi.SETUP_SQPOLL, "Linux 5.11");
    }

    private void trySetup(Feature feature, int flags, String since) {
        int result = Ring.trySetup(flags);
        features.put(feature, result < 0 ? RingRefusal.ofFeature(-result, since) : Support.yes());
    }

    /** Makes a real ring and uses it. */
    private Support probeRing() {
        try (Ring ring = Ring.open(TRIAL_ENTRIES, 0, 0, true)) {
            int needed = UringAbi.FEATURE_NODROP | UringAbi.FEATURE_EXT_ARG;
            if ((ring.features() & needed) != needed) {
                return Support.no(
                        "the kernel is too old: its rings lack timed waits",
                        "run Linux 5.11 or newer");
            }
            AlignedBlockPool pool = new AlignedBlockPool(2, AlignedBlockPool.PAGE_BYTES);
            registerAll(ring, pool);
            return tryWrite(ring, pool);
        } catch (AppendException e) {
            return RingRefusal.of(e);
        }
    }

    private void registerAll(Ring ring, AlignedBlockPool pool) {
        long[] addresses = {pool.block(0).address(), pool.block(1).address()};
        int result = ring.registerBuffers(addresses, pool.blockBytes());
        features.put(
                Feature.REGISTERED_BUFFERS,
                result < 0
                        ? RingRefusal.ofBuffers(-result, 2L * pool.blockBytes(), memlockBytes)
                        : Support.yes());
        result = ring.registerFileSlots(FILE_SLOTS);
        features.put(
                Feature.REGISTERED_FILES,
                result < 0 ? RingRefusal.ofFeature(-result, "Linux 5.5") : Support.yes());
        result = ring.registerRingFd();
        features.put(
                Feature.REGISTERED_RING,
                result < 0 ? RingRefusal.ofFeature(-result, "Linux 5.18") : Support.yes());
    }

    private Support tryWrite(Ring ring, AlignedBlockPool pool) {
        if (!directoryProbe.writable()) {
            return Support.yes("no write was tried");
        }
        AlignedBlock source = pool.take();
        AlignedBlock target = pool.take();
        boolean registered = features.get(Feature.REGISTERED_BUFFERS).available();
        return new TrialWrite(ring, registered)
                .run(directory, directoryProbe.directAlignBytes() > 0, source, target);
    }

    /** What was not reached has the reason that kept it from being reached. */
    private void fillWith(Support ring) {
        for (Feature feature : Feature.values()) {
            features.putIfAbsent(feature, ring);
        }
    }
}
