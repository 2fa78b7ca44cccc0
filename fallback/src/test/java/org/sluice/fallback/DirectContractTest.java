package org.sluice.fallback;

import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.Storage;

import java.nio.file.Path;

class DirectContractTest extends AsyncFileContractTest {
    @Override
    protected Storage openStorage(Path directory) {
        return new ChannelStorage(new FileSystemDirectory(directory), true, null);
    }

    @Override
    protected String unavailable(Path directory) {
        var support =
                new ChannelStorage(new FileSystemDirectory(directory), false, null)
                        .capabilities()
                        .features()
                        .get(Feature.DIRECT_IO);
        return support.available() ? null : support.reason();
    }
}
