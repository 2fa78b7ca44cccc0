package org.sluice.appender;

import org.sluice.fallback.ChannelStorage;
import org.sluice.ring.UringOptions;
import org.sluice.ring.UringProbe;
import org.sluice.ring.UringStorage;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.SpaceAllocator;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Picks the backend that is asked for, or the best that runs, and knows why. */
final class StorageSelector {
    private static final Logger LOGGER = System.getLogger("org.sluice");
    private static final String PROPERTY = "sluice.backend";

    /** What a few logs of one user may use up; the usual limit is 8 MiB. */
    private static final long MEMLOCK_BYTES_SMALL = 64L << 20;

    /** Reasons for falling back that were told already. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    /**
     * What was picked.
     *
     * @param reason why, in one sentence
     */
    record Selection(Storage storage, String reason) {}

    private StorageSelector() {}

    static Selection select(Path directory, AppendLogConfig config, StorePermissions permissions) {
        String override = System.getProperty(PROPERTY);
        Backend wanted = override == null ? config.backend() : parse(override);
        String asked = override == null ? "it was asked for" : "-D" + PROPERTY + " asks for it";
        return switch (wanted) {
            case URING -> {
                Capabilities found = UringProbe.probe(directory);
                yield new Selection(uring(directory, config, permissions, found), asked);
            }
            case CHANNEL -> new Selection(channel(directory, config, permissions, null), asked);
            case AUTO -> automatic(directory, config, permissions, UringProbe.probe(directory));
        };
    }

    /**
     * What AUTO stands for where the probe found {@code found}, which whoever asks the log about
     * this machine is told in either case.
     */
    static Selection automatic(
            Path directory,
            AppendLogConfig config,
            StorePermissions permissions,
            Capabilities found) {
        Support uring = found.features().get(Feature.IO_URING);
        Capabilities lesser = found;
        if (uring.available()) {
            Storage storage = uring(directory, config, permissions, found);
            if (found.memlockBytes() <= MEMLOCK_BYTES_SMALL) {
                uring = rehearse(storage, config);
            }
            if (uring.available()) {
                return new Selection(storage, "io_uring runs here");
            }
            lesser = found.with(Map.of(Feature.IO_URING, uring));
        }
        tellOnce(uring.reason());
        String reason = "io_uring does not run here: " + uring.reason();
        return new Selection(channel(directory, config, permissions, lesser), reason);
    }

    /**
     * Whether an engine as large as the log's can be made: the probe's is small, and the limit on
     * locked memory, or what others of the same user have left of it, may be too. It takes up to
     * some milliseconds.
     */
    private static Support rehearse(Storage storage, AppendLogConfig config) {
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        try {
            storage.openIo(pool, config.blockCount() + 1).close();
            return Support.yes();
        } catch (AppendException e) {
            if (e.code() != Code.UNSUPPORTED) {
                throw e;
            }
            return Support.no(String.valueOf(e.getMessage()), "");
        }
    }

    /** Over io_uring, past the page cache too where the configuration insists on that. */
    static Storage uring(
            Path directory,
            AppendLogConfig config,
            StorePermissions permissions,
            Capabilities found) {
        Storage storage = UringStorage.open(directory, permissions, options(config), found);
        Support direct = found.features().get(Feature.DIRECT_IO);
        if (config.direct() == DirectIo.ON && !direct.available()) {
            throw new AppendException(
                    Code.UNSUPPORTED,
                    "O_DIRECT was asked for, but " + direct.reason(),
                    directory,
                    null);
        }
        return storage;
    }

    private static UringOptions options(AppendLogConfig config) {
        return UringOptions.DEFAULT
                .withDirect(config.direct() != DirectIo.OFF)
                .withSqPoll(config.sqPoll());
    }

    /**
     * @param found what the probe for io_uring found, or null if nobody looked
     */
    private static Storage channel(
            Path directory,
            AppendLogConfig config,
            StorePermissions permissions,
            Capabilities found) {
        FileSystemDirectory files =
                new FileSystemDirectory(directory, permissions, SpaceAllocator.NONE);
        return new ChannelStorage(files, config.direct() == DirectIo.ON, found);
    }

    private static Backend parse(String name) {
        try {
            return Backend.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new AppendException(
                    Code.UNSUPPORTED,
                    "-D" + PROPERTY + " must be auto, uring or channel: " + name,
                    unknown);
        }
    }

    private static void tellOnce(String reason) {
        if (TOLD.add(reason)) {
            LOGGER.log(
                    Level.INFO, "io_uring is not used: {0}; writing through FileChannel", reason);
        }
    }
}
