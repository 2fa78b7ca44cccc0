package org.sluice.ring;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.Preallocation;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SpaceAllocator;
import org.sluice.store.Storage;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A log's disk through io_uring. The directory and all that is rare goes through the JDK; what
 * {@link #openIo} makes has a ring of its own.
 *
 * <p><b>Thread.</b> Any; each engine belongs to the thread that opened it.
 */
public final class UringStorage implements Storage {
    private static final long CLOSE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);

    private final FileSystemDirectory directory;
    private final UringOptions options;
    private final int alignBytes;

    /** Written by the thread that opens an engine, whole; readers see one state or the next. */
    private volatile Capabilities capabilities;

    private UringStorage(
            FileSystemDirectory directory, UringOptions options, Capabilities capabilities) {
        this.directory = directory;
        this.options = options;
        this.capabilities = capabilities;
        this.alignBytes =
                options.direct()
                        ? capabilities.directAlignBytes()
                        : SegmentDescriptor.HEADER_SECTOR_BYTES;
    }

    /**
     * Opens the storage of a directory that exists.
     *
     * @param permissions of files created
     * @param capabilities what {@link UringProbe} found for this directory
     * @throws AppendException with code UNSUPPORTED and the reason if io_uring, or an option that
     *     changes more than speed, can't be had
     */
    public static UringStorage open(
            Path directory,
            StorePermissions permissions,
            UringOptions options,
            Capabilities capabilities) {
        require(Feature.IO_URING, capabilities);
        if (options.sqPoll()) {
            require(Feature.SQPOLL, capabilities);
        }
        SpaceAllocator allocator =
                capabilities.has(Feature.RESERVE_SPACE)
                        ? new LinuxSpaceAllocator()
                        : SpaceAllocator.NONE;
        boolean direct = options.direct() && capabilities.has(Feature.DIRECT_IO);
        return new UringStorage(
                new FileSystemDirectory(directory, permissions, allocator),
                options.withDirect(direct),
                capabilities);
    }

    @Override
    public Backend backend() {
        return Backend.URING;
    }

    /** What the probe found, less what turned out not to be available when an engine was opened. */
    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public StoreDirectory directory() {
        return directory;
    }

    @Override
    public Preallocation preferredPreallocation() {
        return Preallocation.RESERVE;
    }

    @Override
    public int alignBytes() {
        return alignBytes;
    }

    @Override
    public AsyncIo openIo(AlignedBlockPool pool, int capacity) {
        return openIo(pool, capacity, CLOSE_TIMEOUT_NS);
    }

    /** As {@link #openIo(AlignedBlockPool, int)}, with a limit on how long closing may wait. */
    UringIo openIo(AlignedBlockPool pool, int capacity, long closeTimeoutNs) {
        RingSetup setup = new RingSetup(capabilities, options);
        UringIo io =
                new UringIo(directory, options, alignBytes, setup, pool, capacity, closeTimeoutNs);
        note(setup.lost());
        return io;
    }

    private synchronized void note(Map<Feature, Support> lost) {
        capabilities = capabilities.with(lost);
    }

    private static void require(Feature feature, Capabilities capabilities) {
        Support support = capabilities.features().get(feature);
        if (!support.available()) {
            String remedy = support.remedy().isEmpty() ? "" : "; " + support.remedy();
            throw new AppendException(
                    AppendException.Code.UNSUPPORTED,
                    feature.label() + " cannot run here: " + support.reason() + remedy);
        }
    }
}
