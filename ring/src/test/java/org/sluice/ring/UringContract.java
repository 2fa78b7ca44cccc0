package org.sluice.ring;

import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.LesserPlatform;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;

/** The contract over io_uring with given options, on a platform that may lack some features. */
abstract class UringContract extends AsyncFileContractTest {
    private final UringOptions options;
    private final Feature[] missing;

    UringContract(UringOptions options, Feature... missing) {
        this.options = options;
        this.missing = missing;
    }

    @Override
    protected Storage openStorage(Path directory) {
        Capabilities found = LesserPlatform.without(UringProbe.probe(directory), missing);
        return UringStorage.open(directory, StorePermissions.DEFAULT, options, found);
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
