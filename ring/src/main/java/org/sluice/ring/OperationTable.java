package org.sluice.ring;

import java.util.Arrays;

/**
 * The operations of one engine: those that are free, those with the ring, and those that ended
 * without it and wait to be handed out. All are made at open; the engine's thread.
 */
final class OperationTable {
    private final Operation[] operations;
    private final Operation[] free;
    private int freeCount;

    /** Ended without the ring, in order: a circular queue. */
    private final Operation[] ended;

    private int endedHead;
    private int endedCount;

    OperationTable(int capacity) {
        this.operations = new Operation[capacity];
        Arrays.setAll(operations, Operation::new);
        this.free = operations.clone();
        this.freeCount = capacity;
        this.ended = new Operation[capacity];
    }

    /** Operations there are. */
    int capacity() {
        return operations.length;
    }

    /** Operations that began and were not released. */
    int inFlight() {
        return operations.length - freeCount;
    }

    /** Those of them whose completion comes from the ring. */
    int inRing() {
        return inFlight() - endedCount;
    }

    /** Takes a free operation and sets it up, or returns null if none is free. */
    Operation begin(Operation.Kind kind, UringFile file, long tag) {
        if (freeCount == 0) {
            return null;
        }
        Operation operation = free[--freeCount];
        operation.begin(kind, file, tag);
        return operation;
    }

    /** Gives an operation back. */
    void release(Operation operation) {
        operation.end();
        free[freeCount++] = operation;
    }

    /** The operation that a CQE is for, or null if there is none in flight that it could be for. */
    Operation find(long userData) {
        int slot = (int) userData;
        if (slot < 0 || slot >= operations.length) {
            return null;
        }
        Operation operation = operations[slot];
        return operation.file != null && operation.userData() == userData ? operation : null;
    }

    /** An operation ended without the ring. */
    void addEnded(Operation operation, int result) {
        operation.result = result;
        ended[(endedHead + endedCount) % ended.length] = operation;
        endedCount++;
    }

    /** How many operations ended without the ring. */
    int endedCount() {
        return endedCount;
    }

    /** Takes the first of them. */
    Operation takeEnded() {
        Operation operation = ended[endedHead];
        endedHead = (endedHead + 1) % ended.length;
        endedCount--;
        return operation;
    }
}
