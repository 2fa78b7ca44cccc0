package org.sluice.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The directory of a {@link SimulatedDisk}: any call may fail, or be where the power goes. */
final class SimulatedDirectory implements StoreDirectory {
    private final SimulatedDisk disk;

    SimulatedDirectory(SimulatedDisk disk) {
        this.disk = disk;
    }

    /** What a call does if nothing is in its way. */
    private interface Work<T> {
        T run();
    }

    private <T> T call(DiskCall call, String name, Work<T> work) {
        return call(call, name, work, () -> {});
    }

    /**
     * @param failure what has happened when it fails
     */
    private <T> T call(DiskCall call, String name, Work<T> work, Runnable failure) {
        if (disk.isCutNow()) {
            disk.events().count(DiskEvents.CUT_IN_CALL);
            disk.events().tell(() -> call + " " + name + " is where");
            if (disk.random().nextBoolean()) {
                work.run();
            }
            disk.cut();
            disk.requirePower();
        }
        int errno = disk.errnoFor(call);
        if (errno != 0) {
            disk.failed(call, errno);
            failure.run();
            throw Errno.exception(errno, call.toString(), path().resolve(name));
        }
        T result = work.run();
        if (call != DiskCall.READ && call != DiskCall.OPEN && call != DiskCall.LIST) {
            disk.events().tell(() -> call + " " + name);
        }
        return result;
    }

    private void requireSpace(MemoryInode inode, long start, long end, String name) {
        if (!disk.hasSpace(inode.missingBytes(start, end))) {
            disk.ranFull();
            disk.events().tell(() -> "no space for " + name);
            throw Errno.exception(Errno.ENOSPC, "write to", path().resolve(name));
        }
    }

    @Override
    public Path path() {
        return disk.path();
    }

    @Override
    public List<String> list() {
        return call(DiskCall.LIST, "", () -> disk.memory().list());
    }

    @Override
    public StoreFile create(String name) {
        return call(
                DiskCall.CREATE,
                name,
                () -> {
                    disk.memory().create(name);
                    return new SimulatedFile(name, disk.find(name));
                });
    }

    @Override
    public StoreFile openForWriting(String name) {
        return openForReading(name);
    }

    @Override
    public StoreFile openForReading(String name) {
        return call(DiskCall.OPEN, name, () -> new SimulatedFile(name, disk.find(name)));
    }

    @Override
    public void rename(String source, String target) {
        call(
                DiskCall.RENAME,
                source,
                () -> {
                    if (LogDirectoryLayout.spareNumberOf(target) > 0) {
                        disk.events().count(DiskEvents.RECYCLED);
                    }
                    disk.memory().rename(source, target);
                    return null;
                });
    }

    @Override
    public void delete(String name) {
        call(
                DiskCall.DELETE,
                name,
                () -> {
                    disk.memory().delete(name);
                    return null;
                });
    }

    @Override
    public void sync() {
        call(
                DiskCall.SYNC_DIRECTORY,
                "",
                () -> {
                    disk.memory().sync();
                    return null;
                });
    }

    @Override
    public long usableBytes() {
        disk.requirePower();
        return disk.usableBytes();
    }

    private final class SimulatedFile implements StoreFile {
        private final String name;
        private final MemoryInode inode;

        SimulatedFile(String name, MemoryInode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return call(DiskCall.READ, name, () -> inode.read(target, position));
        }

        @Override
        public void write(ByteBuffer source, long position) {
            call(
                    DiskCall.WRITE,
                    name,
                    () -> {
                        requireSpace(inode, position, position + source.remaining(), name);
                        inode.write(source, position);
                        return null;
                    },
                    () -> writePart(source, position));
        }

        private void writePart(ByteBuffer source, long position) {
            int length = disk.random().nextInt(source.remaining() + 1);
            if (disk.hasSpace(inode.missingBytes(position, position + length))) {
                inode.write(source.slice(source.position(), length), position);
            }
        }

        @Override
        public void truncate(long bytes) {
            call(
                    DiskCall.TRUNCATE,
                    name,
                    () -> {
                        inode.truncate(bytes);
                        return null;
                    });
        }

        @Override
        public void allocate(long bytes, Preallocation how) {
            call(
                    DiskCall.ALLOCATE,
                    name,
                    () -> {
                        if (how != Preallocation.SPARSE) {
                            requireSpace(inode, 0, bytes, name);
                            inode.take(0, bytes);
                        }
                        inode.extend(bytes);
                        return null;
                    });
        }

        @Override
        public void sync() {
            call(
                    DiskCall.SYNC,
                    name,
                    () -> {
                        inode.sync();
                        return null;
                    },
                    () -> disk.failSync(inode, inode.dirtySectors()));
        }

        @Override
        public long size() {
            disk.requirePower();
            return inode.bytes();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
