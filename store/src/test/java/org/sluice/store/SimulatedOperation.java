package org.sluice.store;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * One submission to a {@link SimulatedIo}, and what the disk makes of it: carried out in one or
 * several parts, failed, or torn when the power goes. When it is reported, the engine decides.
 */
final class SimulatedOperation {
    private static final int PART_IN = 8;
    private static final int SHORT_IN = 3;

    final DiskCall call;
    final SimulatedIo.SimulatedFile file;
    final long tag;
    long position;
    int length;

    /** Whether a write is to be durable when it is reported. */
    boolean isThrough;

    /** What a sync covers. */
    BitSet covered;

    boolean isDone;
    int result;

    private AlignedBlock block;
    private int offset;

    /** Of a write's bytes when they were submitted. */
    private long checksum;

    /** Bytes of a write that were carried out. */
    private int done;

    SimulatedOperation(DiskCall call, SimulatedIo.SimulatedFile file, long tag) {
        this.call = call;
        this.file = file;
        this.tag = tag;
    }

    /** A write or read of these bytes. */
    void moves(long position, AlignedBlock block, int offset, int length) {
        this.position = position;
        this.block = block;
        this.offset = offset;
        this.length = length;
        if (call == DiskCall.SUBMITTED_WRITE) {
            checksum = checksum();
        }
    }

    /** The disk does it, or a part of it, or fails it; {@link #isDone} if nothing is left to do. */
    void carryOut(SimulatedDisk disk) {
        if (disk.isCutNow()) {
            disk.events().count(DiskEvents.CUT_IN_CALL);
            disk.cut();
            disk.requirePower();
        }
        int errno = disk.errnoFor(call);
        switch (call) {
            case SUBMITTED_WRITE -> write(disk, errno);
            case SUBMITTED_READ -> read(disk, errno);
            default -> sync(disk, errno);
        }
    }

    private void write(SimulatedDisk disk, int errno) {
        if (checksum != checksum()) {
            throw new AssertionError("bytes changed while the disk was given them: " + this);
        }
        Random random = disk.random();
        if (!disk.hasSpace(file.inode.missingBytes(position + done, position + length))) {
            disk.ranFull();
            end(-Errno.ENOSPC);
        } else if (errno != 0) {
            writeSome(random);
            if (random.nextInt(SHORT_IN) == 0 && done > 0) {
                disk.events().count(DiskEvents.SHORT);
                end(done);
            } else {
                disk.failed(call, errno);
                end(-errno);
            }
        } else if (random.nextInt(PART_IN) == 0) {
            disk.events().count(DiskEvents.PARTIAL);
            writeSome(random);
        } else {
            writeUpTo(length);
            end(length);
        }
    }

    /** Some of what is left, by whole sectors, and never all of it. */
    private void writeSome(Random random) {
        int sectors = (length - done) / MemoryInode.SECTOR_BYTES;
        int some = sectors < 2 ? 0 : random.nextInt(sectors) * MemoryInode.SECTOR_BYTES;
        writeUpTo(done + some);
    }

    private void writeUpTo(int end) {
        if (end > done) {
            file.inode.write(bytes(done, end), position + done);
            done = end;
        }
    }

    private void read(SimulatedDisk disk, int errno) {
        if (errno != 0) {
            disk.failed(call, errno);
            end(-errno);
        } else {
            end(file.inode.read(bytes(0, length), position));
        }
    }

    private void sync(SimulatedDisk disk, int errno) {
        if (errno != 0) {
            disk.failed(call, errno);
            disk.failSync(file.inode, covered);
            end(-errno);
        } else {
            file.inode.sync(covered);
            end(0);
        }
    }

    private void end(int result) {
        isDone = true;
        this.result = result;
    }

    /** Of a write under way, whose bytes are still those submitted, any sectors are written. */
    void tear(SimulatedDisk disk) {
        if (call != DiskCall.SUBMITTED_WRITE || isDone || checksum != checksum()) {
            return;
        }
        int written = 0;
        int sectors = length / MemoryInode.SECTOR_BYTES;
        for (int sector = 0; sector < sectors; sector++) {
            int from = sector * MemoryInode.SECTOR_BYTES;
            int to = from + MemoryInode.SECTOR_BYTES;
            if (disk.random().nextBoolean()
                    && disk.hasSpace(file.inode.missingBytes(position + from, position + to))) {
                file.inode.write(bytes(from, to), position + from);
                written++;
            }
        }
        if (written > 0 && written < sectors) {
            disk.events().count(DiskEvents.TORN);
        }
    }

    private ByteBuffer bytes(int from, int to) {
        return block.byteBuffer().duplicate().clear().slice(offset + from, to - from);
    }

    private long checksum() {
        CRC32 crc = new CRC32();
        crc.update(bytes(0, length));
        return crc.getValue();
    }

    @Override
    public String toString() {
        return call + " " + file.name + (length == 0 ? "" : " at " + position + ", " + length);
    }
}
