package org.sluice.appender;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.sluice.store.SmallFilesystem;

import java.io.IOException;
import java.nio.file.Path;

/** What tests share that put a log on a filesystem so small that they can fill it. */
abstract class SmallFilesystemFixture extends LogFixture {
    private final long filesystemBytes;
    private SmallFilesystem filesystem;

    SmallFilesystemFixture(long filesystemBytes) {
        this.filesystemBytes = filesystemBytes;
    }

    @BeforeEach
    void mount() throws IOException {
        filesystem = SmallFilesystem.mount(temp, filesystemBytes);
    }

    @AfterEach
    void unmount() throws IOException {
        if (filesystem != null) {
            filesystem.close();
        }
    }

    /** Where it is mounted. */
    Path root() {
        return filesystem.root();
    }

    @Override
    Path directory() {
        return root().resolve("log");
    }
}
