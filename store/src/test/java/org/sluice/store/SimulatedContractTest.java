package org.sluice.store;

import java.nio.file.Path;
import java.util.Random;

/** The simulated disk keeps what every backend promises, as long as it is not asked to fail. */
class SimulatedContractTest extends AsyncFileContractTest {
    private static final SimulatedStorage.Traits TRAITS =
            new SimulatedStorage.Traits(512, Preallocation.SPARSE, 3, 2);

    @Override
    protected Storage openStorage(Path directory) {
        SimulatedDisk disk = new SimulatedDisk(directory, new Random(1), new DiskEvents());
        return disk.storage(TRAITS);
    }

    @Override
    protected String unavailable(Path directory) {
        return null;
    }

    /** Not a test here: a file in memory holds less than 2 GiB. */
    @Override
    void positionsShouldGoBeyondFourGigabytes() {}

    /** Not a test here: it fills a filesystem that this disk is not on. */
    @Override
    void fullDiskShouldFailWritesUntilThereIsSpace() {}

    /** Not a test here: it fills a filesystem that this disk is not on. */
    @Override
    void partOfWritesShouldSucceedWhenTheDiskFillsUpAmongThem() {}
}
