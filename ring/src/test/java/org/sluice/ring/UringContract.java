package org.sluice.ring;

import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;

/** The contract over io_uring with given options. */
abstract class UringContract extends AsyncFileContractTest {
    private final UringOptions options;

    UringContract(UringOptions options) {
        this.options = options;
    }

    @Override
    protected Storage openStorage(Path directory) {
        return UringStorage.open(
                directory, StorePermissions.DEFAULT, options, UringProbe.probe(directory));
    }

    @Override
    protected String unavailable(Path directory) {
        var support = UringProbe.probe(directory).features().get(Feature.IO_URING);
        return support.available() ? null : support.reason();
    }

    @Override
    protected boolean required() {
        return Boolean.getBoolean(REQUIRE_URING);
    }
}
