package org.sluice.fallback;

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
import org.sluice.store.Storage;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The portable backend: {@link java.nio.channels.FileChannel}s, on any operating system, through
 * the page cache or past it (O_DIRECT).
 *
 * <p><b>Thread.</b> Its engines belong to threads that nobody interrupts, {@link
 * org.sluice.store.UninterruptibleThread}s: an interrupt would close the file under the writer.
 */
public final class ChannelStorage implements Storage {
    private final FileSystemDirectory directory;
    private final boolean direct;
    private final int alignBytes;
    private final Capabilities capabilities;

    /**
     * Opens the storage of a directory.
     *
     * @param directory an existing directory that can be written
     * @param direct whether writes go past the page cache
     * @param platform what was found while a backend was looked at that does not run, so that
     *     {@link #capabilities} can tell why; null if none was looked at
     * @throws AppendException with code UNSUPPORTED if {@code direct} is asked for and cannot be
     *     had
     */
    public ChannelStorage(FileSystemDirectory directory, boolean direct, Capabilities platform) {
        this.directory = Objects.requireNonNull(directory);
        this.direct = direct;
        DirectProbe probe = DirectProbe.of(directory);
        if (direct && !probe.support().available()) {
            throw new AppendException(
                    AppendException.Code.UNSUPPORTED,
                    "O_DIRECT was asked for, but " + probe.support().reason(),
                    directory.path(),
                    null);
        }
        // Through the page cache any byte can be written. A sector is the unit that a power cut
        // leaves whole, so no write shares one with an earlier write.
        this.alignBytes = direct ? probe.alignBytes() : SegmentDescriptor.HEADER_SECTOR_BYTES;
        Capabilities own = capabilitiesOf(directory, probe);
        this.capabilities = platform == null ? own : merge(own, platform);
    }

    private static Capabilities capabilitiesOf(FileSystemDirectory directory, DirectProbe probe) {
        Map<Feature, Support> features = new EnumMap<>(Feature.class);
        for (Feature feature : Feature.values()) {
            features.put(feature, Support.no("the portable backend does not use it", ""));
        }
        features.put(Feature.DIRECT_IO, probe.support());
        features.put(Feature.DIRECTORY_SYNC, directory.syncSupport());
        return new Capabilities(
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("os.version"),
                null,
                probe.alignBytes(),
                Capabilities.UNKNOWN,
                features);
    }

    /** What this backend uses as it found it itself; of the rest, what was found for another. */
    private static Capabilities merge(Capabilities own, Capabilities platform) {
        Map<Feature, Support> features = new EnumMap<>(platform.features());
        features.put(Feature.DIRECT_IO, own.features().get(Feature.DIRECT_IO));
        features.put(Feature.DIRECTORY_SYNC, own.features().get(Feature.DIRECTORY_SYNC));
        return new Capabilities(
                platform.os(),
                platform.kernel(),
                platform.liburing(),
                own.directAlignBytes(),
                platform.memlockBytes(),
                features);
    }

    @Override
    public Backend backend() {
        return Backend.CHANNEL;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public FileSystemDirectory directory() {
        return directory;
    }

    @Override
    public Preallocation preferredPreallocation() {
        return Preallocation.SPARSE;
    }

    @Override
    public int alignBytes() {
        return alignBytes;
    }

    @Override
    public AsyncIo openIo(AlignedBlockPool pool, int capacity) {
        return new ChannelIo(directory, direct, alignBytes, pool, capacity);
    }
}
