package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.FileFaults;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;

/** A segment's file, read from what was {@linkplain ReadAhead read ahead} as far as that goes. */
final class AheadFile extends ReadOnlyFile {
    private final String name;
    private final StoreFile file;

    /** Looked at first, if not null. */
    private ReadAhead ahead;

    /** The same file for reading ahead, and who does that; null until then. */
    private AsyncFile asyncFile;

    private ReadAhead reading;

    AheadFile(String name, StoreFile file) {
        this.name = name;
        this.file = file;
    }

    /**
     * The file for {@code readAhead} to read, or null if that can't be opened. It may be another
     * that has taken the name meanwhile: what is read is verified.
     */
    AsyncFile openFor(ReadAhead readAhead) {
        if (asyncFile == null) {
            try {
                asyncFile = readAhead.open(name);
                reading = readAhead;
            } catch (AppendException gone) {
                // Deleted by retention, say: the ordinary read will tell.
                return null;
            }
        }
        return asyncFile;
    }

    /** From now on looks there first; null: no longer. */
    void look(ReadAhead readAhead) {
        ahead = readAhead;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        int copied = ahead == null ? 0 : ahead.copy(this, position, target);
        if (!target.hasRemaining()) {
            return copied;
        }
        try {
            return copied + file.read(target, position + copied);
        } catch (AppendException e) {
            if (copied == 0 || !FileFaults.isUnreadable(e)) {
                throw e;
            }
            return copied;
        }
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public void close() {
        file.close();
        if (asyncFile != null) {
            reading.complete();
            if (!reading.isBroken()) {
                asyncFile.close();
            }
            // Else its engine closes it: until then reads of it may be in flight.
        }
    }
}
