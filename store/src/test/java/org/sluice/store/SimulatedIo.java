package org.sluice.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * The engine of a {@link SimulatedDisk}: what is submitted is carried out and reported when, and in
 * the order that, the random decides.
 */
final class SimulatedIo implements AsyncIo {
    private static final int PART_IN = 8;
    private static final int SHORT_IN = 3;

    /** One submission on its way. */
    private static final class Operation {
        final DiskCall call;
        final SimulatedFile file;
        final long tag;
        long position;
        AlignedBlock block;
        int offset;
        int length;
        boolean isThrough;
        long checksum;

        /** What a sync covers. */
        BitSet covered;

        /** Bytes of a write that were carried out. */
        int done;

        boolean isDone;
        int result;

        Operation(DiskCall call, SimulatedFile file, long tag) {
            this.call = call;
            this.file = file;
            this.tag = tag;
        }

        ByteBuffer bytes(int from, int to) {
            return block.byteBuffer().duplicate().clear().slice(offset + from, to - from);
        }

        @Override
        public String toString() {
            return call + " " + file.name + (length == 0 ? "" : " at " + position + ", " + length);
        }
    }

    private final SimulatedDisk disk;
    private final SimulatedStorage.Traits traits;
    private final AlignedBlockPool pool;
    private final int capacity;
    private final Random random;
    private final List<Operation> inFlight = new ArrayList<>();
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
        for (Operation operation : List.copyOf(inFlight)) {
            if (!operation.isDone && random.nextInt(traits.doneIn()) == 0) {
                carryOut(operation);
            }
        }
        int count = 0;
        for (Operation operation : List.copyOf(inFlight)) {
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
            Operation operation = inFlight.get(random.nextInt(inFlight.size()));
            while (!operation.isDone) {
                carryOut(operation);
            }
            handOut(operation, handler);
            count++;
        }
        return count;
    }

    private void handOut(Operation operation, CompletionHandler handler) {
        int place = inFlight.indexOf(operation);
        for (Operation earlier : inFlight.subList(0, place)) {
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

    private void wrote(Operation operation) {
        if (operation.isThrough) {
            operation.file.inode.keep(operation.position, operation.length);
        }
    }

    private void told(Operation operation) {
        if (operation.call == DiskCall.SUBMITTED_READ) {
            return;
        }
        boolean isFull =
                operation.call == DiskCall.SUBMITTED_WRITE && operation.result == -Errno.ENOSPC;
        if (!isFull) {
            disk.toldFatal(operation.result < 0 ? -operation.result : Errno.EIO);
        }
    }

    // ---- carrying out ----

    private void carryOut(Operation operation) {
        if (disk.isCutNow()) {
            disk.events().count(DiskEvents.CUT_IN_CALL);
            disk.cut();
            disk.requirePower();
        }
        int errno = disk.errnoFor(operation.call);
        switch (operation.call) {
            case SUBMITTED_WRITE -> write(operation, errno);
            case SUBMITTED_READ -> read(operation, errno);
            default -> sync(operation, errno);
        }
    }

    private void write(Operation operation, int errno) {
        if (operation.checksum != checksum(operation)) {
            throw new AssertionError("bytes changed while the disk was given them: " + operation);
        }
        long start = operation.position + operation.done;
        long end = operation.position + operation.length;
        if (!disk.hasSpace(operation.file.inode.missingBytes(start, end))) {
            disk.ranFull();
            end(operation, -Errno.ENOSPC);
        } else if (errno != 0) {
            writeSome(operation);
            if (random.nextInt(SHORT_IN) == 0 && operation.done > 0) {
                disk.events().count(DiskEvents.SHORT);
                end(operation, operation.done);
            } else {
                disk.failed(operation.call, errno);
                end(operation, -errno);
            }
        } else if (random.nextInt(PART_IN) == 0) {
            disk.events().count(DiskEvents.PARTIAL);
            writeSome(operation);
        } else {
            writeUpTo(operation, operation.length);
            end(operation, operation.length);
        }
    }

    /** Some of what is left, by whole sectors, and never all of it. */
    private void writeSome(Operation operation) {
        int sectors = (operation.length - operation.done) / MemoryInode.SECTOR_BYTES;
        int some = sectors < 2 ? 0 : random.nextInt(sectors) * MemoryInode.SECTOR_BYTES;
        writeUpTo(operation, operation.done + some);
    }

    private void writeUpTo(Operation operation, int end) {
        if (end > operation.done) {
            ByteBuffer bytes = operation.bytes(operation.done, end);
            operation.file.inode.write(bytes, operation.position + operation.done);
            operation.done = end;
        }
    }

    private void read(Operation operation, int errno) {
        if (errno != 0) {
            disk.failed(operation.call, errno);
            end(operation, -errno);
        } else {
            ByteBuffer target = operation.bytes(0, operation.length);
            end(operation, operation.file.inode.read(target, operation.position));
        }
    }

    private void sync(Operation operation, int errno) {
        MemoryInode inode = operation.file.inode;
        if (errno != 0) {
            disk.failed(operation.call, errno);
            disk.failSync(inode, operation.covered);
            end(operation, -errno);
        } else {
            inode.sync(operation.covered);
            end(operation, 0);
        }
    }

    private static void end(Operation operation, int result) {
        operation.isDone = true;
        operation.result = result;
    }

    private static long checksum(Operation operation) {
        CRC32 crc = new CRC32();
        crc.update(operation.bytes(0, operation.length));
        return crc.getValue();
    }

    /** The power, or the process, goes: of each write under way any sectors are written. */
    void tear() {
        for (Operation operation : inFlight) {
            if (operation.call != DiskCall.SUBMITTED_WRITE
                    || operation.isDone
                    || operation.checksum != checksum(operation)) {
                continue;
            }
            int written = 0;
            int sectors = operation.length / MemoryInode.SECTOR_BYTES;
            for (int sector = 0; sector < sectors; sector++) {
                int from = sector * MemoryInode.SECTOR_BYTES;
                long start = operation.position + from;
                long end = start + MemoryInode.SECTOR_BYTES;
                if (random.nextBoolean()
                        && disk.hasSpace(operation.file.inode.missingBytes(start, end))) {
                    ByteBuffer bytes = operation.bytes(from, from + MemoryInode.SECTOR_BYTES);
                    operation.file.inode.write(bytes, start);
                    written++;
                }
            }
            if (written > 0 && written < sectors) {
                disk.events().count(DiskEvents.TORN);
            }
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
        for (Operation operation : List.copyOf(inFlight)) {
            while (!operation.isDone) {
                carryOut(operation);
            }
            handOut(operation, (tag, result) -> {});
        }
        isClosed = true;
        disk.closed(this);
    }

    // ---- submissions ----

    private boolean submit(Operation operation) {
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

    private final class SimulatedFile implements AsyncFile {
        private final String name;
        private final MemoryInode inode;
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
            Operation write = new Operation(DiskCall.SUBMITTED_WRITE, this, tag);
            place(write, position, block, offset, length);
            write.isThrough = reach == Reach.DURABLE;
            write.checksum = checksum(write);
            return submit(write);
        }

        @Override
        public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
            check(position, block, offset, length);
            Operation read = new Operation(DiskCall.SUBMITTED_READ, this, tag);
            place(read, position, block, offset, length);
            return submit(read);
        }

        private void place(
                Operation operation, long position, AlignedBlock block, int offset, int length) {
            operation.position = position;
            operation.block = block;
            operation.offset = offset;
            operation.length = length;
        }

        /** Covers what is dirty, but for what belongs to writes that were not reported yet. */
        @Override
        public boolean sync(long tag) {
            Operation sync = new Operation(DiskCall.SUBMITTED_SYNC, this, tag);
            sync.covered = inode.dirtySectors();
            for (Operation other : inFlight) {
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
