package org.sluice.store;

import java.util.Map;

/** A storage on a {@link SimulatedDisk}. */
public final class SimulatedStorage implements Storage {
    /**
     * What kind of storage it is.
     *
     * @param alignBytes see {@link Storage#alignBytes}
     * @param preallocation see {@link Storage#preferredPreallocation}
     * @param doneIn one in this many polls carries an operation in flight out
     * @param toldIn one in this many polls reports an operation that was carried out
     */
    public record Traits(int alignBytes, Preallocation preallocation, int doneIn, int toldIn) {}

    private final SimulatedDisk disk;
    private final Traits traits;
    private final SimulatedDirectory directory;

    SimulatedStorage(SimulatedDisk disk, Traits traits) {
        this.disk = disk;
        this.traits = traits;
        this.directory = new SimulatedDirectory(disk);
    }

    @Override
    public Backend backend() {
        return Backend.CHANNEL;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "simulated", "none", null, traits.alignBytes(), Capabilities.UNKNOWN, Map.of());
    }

    @Override
    public StoreDirectory directory() {
        return directory;
    }

    @Override
    public Preallocation preferredPreallocation() {
        return traits.preallocation();
    }

    @Override
    public int alignBytes() {
        return traits.alignBytes();
    }

    @Override
    public AsyncIo openIo(AlignedBlockPool pool, int capacity) {
        SimulatedIo engine = new SimulatedIo(disk, traits, pool, capacity);
        disk.opened(engine);
        return engine;
    }
}
