package org.sluice.store;

import java.util.concurrent.atomic.AtomicReference;

/**
 * A segment that is ready to be written. Until the writer takes it the keeper may write zeros ahead
 * in it, a piece at a time; the state keeps the two apart.
 *
 * <p><b>Threads.</b> The keeper's thread calls {@link #tryBeginZeros} and {@link #endZeros}, the
 * writer's {@link #tryTake}.
 */
final class PreparedSegment {
    private enum State {
        READY,
        ZEROING,
        TAKEN
    }

    private final SegmentDescriptor.Header header;
    private final AtomicReference<State> state = new AtomicReference<>(State.READY);

    /** Up to where zeros were written; the keeper's. */
    private long zeroedBytes;

    PreparedSegment(SegmentDescriptor.Header header, long zeroedBytes) {
        this.header = header;
        this.zeroedBytes = zeroedBytes;
    }

    SegmentDescriptor.Header header() {
        return header;
    }

    /** False while zeros are being written, which does not take long. */
    boolean tryTake() {
        return state.compareAndSet(State.READY, State.TAKEN);
    }

    boolean tryBeginZeros() {
        return state.compareAndSet(State.READY, State.ZEROING);
    }

    void endZeros(long bytes) {
        zeroedBytes = bytes;
        state.set(State.READY);
    }

    boolean isZeroed() {
        return zeroedBytes >= header.segmentBytes();
    }

    long zeroedBytes() {
        return zeroedBytes;
    }
}
