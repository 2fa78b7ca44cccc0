package org.sluice.appender;

import org.sluice.store.Errno;
import org.sluice.store.Preallocation;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A directory one file of which has a page that can't be read, as if a sector had gone bad. */
final class UnreadableDirectory implements StoreDirectory {
    static final int PAGE_BYTES = 4096;

    /** What a read gives that begins before the page and ends behind its start. */
    enum Answer {
        /** What stands before the page. */
        PART,
        /** The fault, as of a page cache that reads many pages as one. */
        NOTHING
    }

    private final StoreDirectory target;
    private final String name;
    private final long start;
    private final Answer answer;

    UnreadableDirectory(StoreDirectory target, String name, long start, Answer answer) {
        this.target = target;
        this.name = name;
        this.start = start;
        this.answer = answer;
    }

    @Override
    public Path path() {
        return target.path();
    }

    @Override
    public List<String> list() {
        return target.list();
    }

    @Override
    public StoreFile create(String file) {
        return target.create(file);
    }

    @Override
    public StoreFile openForWriting(String file) {
        return of(file, target.openForWriting(file));
    }

    @Override
    public StoreFile openForReading(String file) {
        return of(file, target.openForReading(file));
    }

    private StoreFile of(String file, StoreFile opened) {
        return file.equals(name) ? new UnreadableFile(opened) : opened;
    }

    @Override
    public void rename(String source, String renamed) {
        target.rename(source, renamed);
    }

    @Override
    public void delete(String file) {
        target.delete(file);
    }

    @Override
    public void sync() {
        target.sync();
    }

    @Override
    public long usableBytes() {
        return target.usableBytes();
    }

    private final class UnreadableFile implements StoreFile {
        private final StoreFile file;

        UnreadableFile(StoreFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer bytes, long position) {
            long end = Math.min(position + bytes.remaining(), file.size());
            if (end <= start || position >= start + PAGE_BYTES) {
                return file.read(bytes, position);
            }
            if (answer == Answer.NOTHING || position >= start) {
                throw Errno.exception(Errno.EIO, "read", path().resolve(name));
            }
            int limit = bytes.limit();
            bytes.limit(bytes.position() + (int) (start - position));
            try {
                return file.read(bytes, position);
            } finally {
                bytes.limit(limit);
            }
        }

        @Override
        public void write(ByteBuffer source, long position) {
            file.write(source, position);
        }

        @Override
        public void truncate(long bytes) {
            file.truncate(bytes);
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            file.allocate(bytes, how);
        }

        @Override
        public void sync() {
            file.sync();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
