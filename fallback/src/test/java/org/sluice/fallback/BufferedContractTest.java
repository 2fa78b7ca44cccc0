package org.sluice.fallback;

import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.FileSystemDirectory;
import org.sluice.store.Storage;

import java.nio.file.Path;

class BufferedContractTest extends AsyncFileContractTest {
    @Override
    protected Storage openStorage(Path directory) {
        return new ChannelStorage(new FileSystemDirectory(directory), false, null);
    }

    @Override
    protected String unavailable(Path directory) {
        return null;
    }
}
