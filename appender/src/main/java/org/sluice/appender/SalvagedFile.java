package org.sluice.appender;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.FileFaults;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;

/**
 * A file as far as it can be read: zeros stand for the pages that can't, as on a bad sector. The
 * file stays the caller's. One thread.
 */
final class SalvagedFile {
    private final StoreFile file;
    private final long bytes;
    private long unreadableBytes;

    SalvagedFile(StoreFile file) {
        this.file = file;
        bytes = file.size();
    }

    /** As {@link StoreFile#read}, but no place is in the way. */
    int read(ByteBuffer target, long position) {
        try {
            return file.read(target, position);
        } catch (AppendException e) {
            if (!FileFaults.isUnreadable(e)) {
                throw e;
            }
            return readPage(target, position);
        }
    }

    /** A large read may fail because of a page behind the first one. */
    private int readPage(ByteBuffer target, long position) {
        long room = AlignedBlockPool.PAGE_BYTES - position % AlignedBlockPool.PAGE_BYTES;
        int length = (int) Math.min(Math.min(room, bytes - position), target.remaining());
        ByteBuffer page = target.slice(target.position(), length);
        try {
            length = file.read(page, position);
        } catch (AppendException e) {
            if (!FileFaults.isUnreadable(e)) {
                throw e;
            }
            page.put(new byte[length]);
            unreadableBytes += length;
        }
        target.position(target.position() + length);
        return length;
    }

    /** Bytes for which zeros were given out. */
    long unreadableBytes() {
        return unreadableBytes;
    }
}
