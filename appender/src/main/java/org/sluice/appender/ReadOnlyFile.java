package org.sluice.appender;

import org.sluice.store.Preallocation;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;

/** A file of which no one who is given it may change anything. */
abstract class ReadOnlyFile implements StoreFile {
    @Override
    public final void write(ByteBuffer source, long position) {
        throw readOnly();
    }

    @Override
    public final void truncate(long bytes) {
        throw readOnly();
    }

    @Override
    public final void allocate(long bytes, Preallocation how) {
        throw readOnly();
    }

    @Override
    public final void sync() {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("the file is for reading only");
    }
}
