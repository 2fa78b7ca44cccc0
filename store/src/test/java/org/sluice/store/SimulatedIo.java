package org.sluice.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * The engine of a {@link SimulatedDisk}: what is submitted is carried out and reported when, and in
 * the order that, the random decides.
 */
final class SimulatedIo implements AsyncIo {
    private final SimulatedDisk disk;
    private final SimulatedStorage.Traits traits;
    private final AlignedBlockPool pool;
    private final int capacity;
    private final Random random;
    private final List<SimulatedOperation> inFlight = new ArrayList<>();
    private boolean isClosed;

    SimulatedIo(
            SimulatedDisk disk,
            SimulatedStorage.Traits traits,
            AlignedBlockPool pool,
            int capacity) {
        this.disk = disk;
        this.traits = traits;
        this.pool = pool;
        this.capacity = capacity;
        this.random = disk.random();
    }

    @Override
    public Backend backend() {
        return Backend.CHANNEL;
    }

    @Override
    public int alignBytes() {
        return traits.alignBytes();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int inFlight() {
        return inFlight.size();
    }

    @Override
    public AsyncFile open(String name) {
        requireOpen();
        int errno = disk.errnoFor(DiskCall.OPEN);
        if (errno != 0) {
            disk.failed(DiskCall.OPEN, errno);
            throw Errno.exception(errno, "open", disk.path().resolve(name));
        }
        return new SimulatedFile(name, disk.find(name));
    }

    private void requireOpen() {
        if (isClosed) {
            throw new IllegalStateException("the engine is closed");
        }
        disk.requirePower();
    }

    // ---- completions ----

    @Override
    public int poll(CompletionHandler handler) {
        requireOpen();
        for (SimulatedOperation operation : List.copyOf(inFlight)) {
            if (!operation.isDone && random.nextInt(traits.doneIn()) == 0) {
                operation.carryOut(disk);
            }
        }
        int count = 0;
        for (SimulatedOperation operation : List.copyOf(inFlight)) {
            if (operation.isDone && random.nextInt(traits.toldIn()) == 0) {
                handOut(operation, handler);
                count++;
            } else if (operation.isDone) {
                disk.events().count(DiskEvents.LATE);
            }
        }
        return count;
    }

    @Override
    public int await(CompletionHandler handler, long timeoutNs) {
        int count = poll(handler);
        if (count == 0 && !inFlight.isEmpty() && random.nextInt(4) != 0) {
            SimulatedOperation operation = inFlight.get(random.nextInt(inFlight.size()));
            while (!operation.isDone) {
                operation.carryOut(disk);
            }
            handOut(operation, handler);
            count++;
        }
        return count;
    }

    private void handOut(SimulatedOperation operation, CompletionHandler handler) {
        int place = inFlight.indexOf(operation);
        for (SimulatedOperation earlier : inFlight.subList(0, place)) {
            boolean isSame = earlier.file == operation.file;
            disk.events().count(isSame ? DiskEvents.OVERTAKEN : DiskEvents.OVERTAKEN_ACROSS);
        }
        inFlight.remove(place);
        operation.file.count--;
        if (operation.call == DiskCall.SUBMITTED_WRITE && operation.result == operation.length) {
            wrote(operation);
        } else if (operation.result < operation.length) {
            told(operation);
        }
        disk.events().tell(() -> operation + " -> " + operation.result);
        handler.onCompletion(operation.tag, operation.result);
    }

    private void wrote(SimulatedOperation operation) {
        if (operation.isThrough) {
            operation.file.inode.keep(operation.position, operation.length);
        }
    }

    private void told(SimulatedOperation operation) {
        if (operation.call == DiskCall.SUBMITTED_READ) {
            return;
        }
        boolean isFull =
                operation.call == DiskCall.SUBMITTED_WRITE && operation.result == -Errno.ENOSPC;
        if (!isFull) {
            disk.toldFatal(operation.result < 0 ? -operation.result : Errno.EIO);
        }
    }

    /** The power, or the process, goes: of each write under way any sectors are written. */
    void tear() {
        for (SimulatedOperation operation : inFlight) {
            operation.tear(disk);
        }
        inFlight.clear();
        isClosed = true;
    }

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        disk.requirePower();
        for (SimulatedOperation operation : List.copyOf(inFlight)) {
            while (!operation.isDone) {
                operation.carryOut(disk);
            }
            handOut(operation, (tag, result) -> {});
        }
        isClosed = true;
        disk.closed(this);
    }

    // ---- submissions ----

    private boolean submit(SimulatedOperation operation) {
        requireOpen();
        if (operation.file.isClosed) {
            throw new IllegalStateException(operation.file.name + " is closed");
        }
        if (inFlight.size() == capacity) {
            return false;
        }
        operation.file.count++;
        inFlight.add(operation);
        return true;
    }

    private void check(long position, AlignedBlock block, int offset, int length) {
        assert pool.block(block.index()) == block : "block of another pool";
        Objects.checkFromIndexSize(offset, length, block.bytes());
        int mask = traits.alignBytes() - 1;
        if (position < 0 || length == 0 || ((position | offset | length) & mask) != 0) {
            throw new IllegalArgumentException(
                    "not aligned: " + position + ", " + offset + ", " + length);
        }
    }

    /** A file of this engine. */
    final class SimulatedFile implements AsyncFile {
        final String name;
        final MemoryInode inode;
        private int count;
        private boolean isClosed;

        SimulatedFile(String name, MemoryInode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public boolean writeAt(
                long position, AlignedBlock block, int offset, int length, Reach reach, long tag) {
            check(position, block, offset, length);
            SimulatedOperation write = new SimulatedOperation(DiskCall.SUBMITTED_WRITE, this, tag);
            write.moves(position, block, offset, length);
            write.isThrough = reach == Reach.DURABLE;
            return submit(write);
        }

        @Override
        public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
            check(position, block, offset, length);
            SimulatedOperation read = new SimulatedOperation(DiskCall.SUBMITTED_READ, this, tag);
            read.moves(position, block, offset, length);
            return submit(read);
        }

        /** Covers what is dirty, but for what belongs to writes that were not reported yet. */
        @Override
        public boolean sync(long tag) {
            SimulatedOperation sync = new SimulatedOperation(DiskCall.SUBMITTED_SYNC, this, tag);
            sync.covered = inode.dirtySectors();
            for (SimulatedOperation other : inFlight) {
                if (other.call == DiskCall.SUBMITTED_WRITE && other.file.inode == inode) {
                    int first = (int) (other.position / MemoryInode.SECTOR_BYTES);
                    sync.covered.clear(first, first + other.length / MemoryInode.SECTOR_BYTES);
                }
            }
            return submit(sync);
        }

        @Override
        public long size() {
            return inode.bytes();
        }

        @Override
        public Backend backend() {
            return Backend.CHANNEL;
        }

        @Override
        public void close() {
            if (count > 0) {
                throw new IllegalStateException(name + " has operations in flight");
            }
            isClosed = true;
        }
    }
}
