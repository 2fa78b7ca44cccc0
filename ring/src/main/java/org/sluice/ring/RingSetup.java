package org.sluice.ring;

import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes one ring with all that helps and can be had. What the probe found may still fail here:
 * flags that the kernel takes one by one but not together, or more memory to lock than there is
 * room for. Such things are left out, and {@link #lost()} says why.
 */
final class RingSetup {
    /**
     * The kernel thread of an SQPOLL ring spins this long before it sleeps; an idle log costs no
     * core.
     */
    private static final int SQ_POLL_IDLE_MS = 20;

    private static final long MEMORY_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MEMORY_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(2);

    /** The order in which flags are given up: the newest first. */
    private static final Feature[] DROP_ORDER = {
        Feature.DEFER_TASKRUN, Feature.SINGLE_ISSUER, Feature.COOP_TASKRUN, Feature.SUBMIT_ALL
    };

    private final Map<Feature, Support> lost = new EnumMap<>(Feature.class);
    private final Capabilities capabilities;
    private final UringOptions options;

    RingSetup(Capabilities capabilities, UringOptions options) {
        this.capabilities = capabilities;
        this.options = options;
    }

    /** What could not be had in spite of the probe. */
    Map<Feature, Support> lost() {
        return lost;
    }

    /**
     * How long the submission queue must be for so many operations in flight, each with one SQE.
     *
     * <p>A kernel thread frees the places of the SQEs that it takes in one go when it has started
     * the last of them. By then the first may have ended, and have been followed by others: behind
     * a full queue that was taken and not freed yet there is to be room for another.
     */
    int submissionEntries(int inFlight) {
        return options.sqPoll() ? 2 * inFlight : inFlight;
    }

    /**
     * Makes a ring for the calling thread, or for one after the other if it is for reading only.
     *
     * @param entries length of its submission queue
     */
    Ring open(int entries) {
        Set<Feature> wanted = EnumSet.noneOf(Feature.class);
        for (Feature feature : DROP_ORDER) {
            if (capabilities.has(feature)) {
                wanted.add(feature);
            }
        }
        if (options.readOnly()) {
            // These bind it, or what it does, to the thread that made it or submits.
            wanted.removeAll(
                    EnumSet.of(Feature.DEFER_TASKRUN, Feature.SINGLE_ISSUER, Feature.COOP_TASKRUN));
        }
        Ring ring = openWith(wanted, entries);
        if (!options.readOnly() && capabilities.has(Feature.REGISTERED_RING)) {
            int result = ring.registerRingFd();
            if (result < 0) {
                lost.put(Feature.REGISTERED_RING, Support.no(Errno.sentence(-result), ""));
            }
        }
        return ring;
    }

    /** Registers the pool's blocks under their own indices, if that can be had. */
    boolean registerBlocks(Ring ring, AlignedBlockPool pool) {
        if (!capabilities.has(Feature.REGISTERED_BUFFERS)) {
            return false;
        }
        long[] addresses = new long[pool.blockCount()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = pool.block(i).address();
        }
        int result = ring.registerBuffers(addresses, pool.blockBytes());
        if (result < 0) {
            long bytes = (long) pool.blockCount() * pool.blockBytes();
            lost.put(
                    Feature.REGISTERED_BUFFERS,
                    RingRefusal.ofBuffers(-result, bytes, capabilities.memlockBytes()));
        }
        return result == 0;
    }

    /** Makes a table of file slots, if that can be had. */
    boolean registerFileSlots(Ring ring, int count) {
        if (!capabilities.has(Feature.REGISTERED_FILES)) {
            return false;
        }
        int result = ring.registerFileSlots(count);
        if (result < 0) {
            lost.put(Feature.REGISTERED_FILES, RingRefusal.ofFeature(-result, "Linux 5.5"));
        }
        return result == 0;
    }

    private Ring openWith(Set<Feature> wanted, int entries) {
        for (int i = 0; ; i++) {
            try {
                return openPatiently(entries, flags(wanted));
            } catch (AppendException e) {
                if (e.errno() != Errno.EINVAL || i == DROP_ORDER.length) {
                    throw explained(e);
                }
                if (wanted.remove(DROP_ORDER[i])) {
                    lost.put(
                            DROP_ORDER[i],
                            Support.no("the kernel refused it together with other flags", ""));
                }
            }
        }
    }

    /**
     * Rings that were just closed count against the limit on locked memory until the kernel has let
     * go of them, which is a little later.
     */
    private Ring openPatiently(int entries, int flags) {
        long startNs = System.nanoTime();
        while (true) {
            try {
                return Ring.open(entries, flags, SQ_POLL_IDLE_MS, !options.readOnly());
            } catch (AppendException e) {
                boolean mayPass = System.nanoTime() - startNs < MEMORY_WAIT_NS;
                if (e.errno() != Errno.ENOMEM || !mayPass) {
                    throw e;
                }
                LockSupport.parkNanos(MEMORY_PAUSE_NS);
            }
        }
    }

    private int flags(Set<Feature> wanted) {
        int flags = wanted.contains(Feature.SUBMIT_ALL) ? UringAbi.SETUP_SUBMIT_ALL : 0;
        if (wanted.contains(Feature.SINGLE_ISSUER)) {
            flags |= UringAbi.SETUP_SINGLE_ISSUER;
        }
        if (options.sqPoll()) {
            // Completions are the kernel thread's work here; it has no use for the flags below.
            return flags | UringAbi.SETUP_SQPOLL;
        }
        if (wanted.contains(Feature.DEFER_TASKRUN) && wanted.contains(Feature.SINGLE_ISSUER)) {
            return flags | UringAbi.SETUP_DEFER_TASKRUN | UringAbi.SETUP_TASKRUN_FLAG;
        }
        if (wanted.contains(Feature.COOP_TASKRUN)) {
            return flags | UringAbi.SETUP_COOP_TASKRUN | UringAbi.SETUP_TASKRUN_FLAG;
        }
        return flags;
    }

    private static AppendException explained(AppendException failure) {
        Support support = RingRefusal.of(failure);
        String remedy = support.remedy().isEmpty() ? "" : "; " + support.remedy();
        return new AppendException(
                AppendException.Code.UNSUPPORTED,
                "cannot create an io_uring: " + support.reason() + remedy,
                null,
                AppendException.NONE,
                failure.errno(),
                failure);
    }
}
