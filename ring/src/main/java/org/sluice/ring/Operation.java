package org.sluice.ring;

import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AlignedBlock;

/**
 * One submission from its acceptance to its completion, which may take several SQEs: what the
 * kernel did not finish is submitted again. Made at open and used over and over; the engine's
 * thread.
 */
final class Operation {
    /** What is to be done. */
    enum Kind {
        WRITE,
        READ,
        SYNC
    }

    /** Place in the engine's table; the low half of the SQE's user data. */
    final int slot;

    /** Bumped with every SQE; the high half of its user data, so that a stale CQE is recognised. */
    int generation;

    Kind kind;
    UringFile file;

    /** Refers to the memory for as long as the kernel may use it. */
    AlignedBlock block;

    long position;
    int offset;
    int length;
    int done;
    int retries;
    boolean durable;
    long tag;
    int result;

    Operation(int slot) {
        this.slot = slot;
    }

    /** Sets it up for the first SQE. */
    void begin(Kind newKind, UringFile newFile, long newTag) {
        kind = newKind;
        file = newFile;
        file.began();
        tag = newTag;
        done = 0;
        retries = 0;
        durable = false;
    }

    /** What a write or a read moves, and where. */
    void moves(long newPosition, AlignedBlock newBlock, int newOffset, int newLength) {
        position = newPosition;
        block = newBlock;
        offset = newOffset;
        length = newLength;
    }

    /** What the next SQE is told to bring back. */
    long nextUserData() {
        generation++;
        return userData();
    }

    /** What the last SQE was told to bring back. */
    long userData() {
        return ((long) generation << 32) | slot;
    }

    /** Bytes not moved yet. */
    int remaining() {
        return length - done;
    }

    /** The opcode with registered buffers or without. */
    int opcode(boolean registered) {
        return switch (kind) {
            case WRITE -> registered ? UringAbi.OP_WRITE_FIXED : UringAbi.OP_WRITE;
            case READ -> registered ? UringAbi.OP_READ_FIXED : UringAbi.OP_READ;
            case SYNC -> UringAbi.OP_FSYNC;
        };
    }

    /** The rw_flags or fsync_flags. */
    int operationFlags() {
        if (kind == Kind.SYNC) {
            return UringAbi.FSYNC_DATASYNC;
        }
        return durable ? UringAbi.RWF_DSYNC : 0;
    }

    /** Lets go of file and memory. */
    void end() {
        file.ended();
        file = null;
        block = null;
    }
}
