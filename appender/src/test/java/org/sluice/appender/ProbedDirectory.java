package org.sluice.appender;

import org.sluice.store.Preallocation;
import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The directory of a {@link ProbedStorage}: may be made to fail. */
final class ProbedDirectory implements StoreDirectory {
    /** What is done to a file, or to the directory. */
    enum Act {
        CREATE,
        OPEN,
        RENAME,
        DELETE,
        SYNC_DIRECTORY,
        WRITE,
        TRUNCATE,
        ALLOCATE,
        SYNC
    }

    /** Called before each act; what it throws is what the act fails with. */
    interface Fault {
        void before(Act act, String name);
    }

    private final StoreDirectory target;
    private volatile Fault fault = (act, name) -> {};

    ProbedDirectory(StoreDirectory target) {
        this.target = target;
    }

    void fault(Fault fault) {
        this.fault = fault;
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
    public StoreFile create(String name) {
        fault.before(Act.CREATE, name);
        return new ProbedFile(name, target.create(name));
    }

    @Override
    public StoreFile openForWriting(String name) {
        fault.before(Act.OPEN, name);
        return new ProbedFile(name, target.openForWriting(name));
    }

    @Override
    public StoreFile openForReading(String name) {
        return target.openForReading(name);
    }

    @Override
    public void rename(String source, String target) {
        fault.before(Act.RENAME, source);
        this.target.rename(source, target);
    }

    @Override
    public void delete(String name) {
        fault.before(Act.DELETE, name);
        target.delete(name);
    }

    @Override
    public void sync() {
        fault.before(Act.SYNC_DIRECTORY, "");
        target.sync();
    }

    @Override
    public long usableBytes() {
        return target.usableBytes();
    }

    private final class ProbedFile implements StoreFile {
        private final String name;
        private final StoreFile file;

        ProbedFile(String name, StoreFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer bytes, long position) {
            return file.read(bytes, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            fault.before(Act.WRITE, name);
            file.write(source, position);
        }

        @Override
        public void truncate(long bytes) {
            fault.before(Act.TRUNCATE, name);
            file.truncate(bytes);
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            fault.before(Act.ALLOCATE, name);
            file.allocate(bytes, how);
        }

        @Override
        public void sync() {
            fault.before(Act.SYNC, name);
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
