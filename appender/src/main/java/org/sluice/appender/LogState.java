package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.FileFaults;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Whether producers may append, and if not, why. Written by the writer and by the closing thread,
 * read by every producer at every append; {@code FAILED} and {@code CLOSED} are for good, and a
 * failure is kept even when the log is closed after it.
 */
final class LogState {
    enum Phase {
        OPEN,
        DISK_FULL,
        FAILED,
        CLOSED
    }

    private final Path directory;
    private final LongSupplier durableIndex;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
    private final AtomicReference<AppendException> failure = new AtomicReference<>();

    /**
     * @param directory whose disk may be full
     * @param durableIndex what a failure is reported with
     */
    LogState(Path directory, LongSupplier durableIndex) {
        this.directory = directory;
        this.durableIndex = durableIndex;
    }

    Phase phase() {
        return phase.get();
    }

    /** The first failure, or null. */
    AppendException failure() {
        return failure.get();
    }

    /** Ends the log for good, and reports that, the first time. */
    void fail(Throwable thrown) {
        AppendException cause =
                thrown instanceof AppendException fault ? fault : FileFaults.unexpected(thrown);
        boolean isFirst = failure.compareAndSet(null, cause);
        phase.set(Phase.FAILED);
        if (isFirst) {
            FailureEvent.emit(cause.getMessage(), durableIndex.getAsLong());
        }
    }

    void close() {
        Phase before;
        do {
            before = phase.get();
        } while (before != Phase.FAILED && !phase.compareAndSet(before, Phase.CLOSED));
    }

    void diskFull(boolean isFull) {
        if (isFull) {
            phase.compareAndSet(Phase.OPEN, Phase.DISK_FULL);
        } else {
            phase.compareAndSet(Phase.DISK_FULL, Phase.OPEN);
        }
    }

    /** The negative result of a {@code tryAppend} in {@code phase}, which is not OPEN. */
    static long code(Phase phase) {
        return switch (phase) {
            case DISK_FULL -> AppendLog.DISK_FULL;
            case FAILED -> AppendLog.FAILED;
            case CLOSED -> AppendLog.CLOSED;
            case OPEN -> throw new AssertionError("an open log has no code");
        };
    }

    /** The exception that says the same as a negative result. */
    AppendException exception(long code) {
        if (code == AppendLog.BACK_PRESSURED) {
            return new AppendException(
                    Code.BACK_PRESSURED,
                    "no slot is free, or no buffer for an entry longer than slotBytes: the disk is"
                            + " slower than the producers, or a claim was left open");
        }
        if (code == AppendLog.DISK_FULL) {
            return new AppendException(
                    Code.DISK_FULL,
                    "the disk of "
                            + directory
                            + " is full; what was accepted is written, and appending goes on, once"
                            + " there is space",
                    directory,
                    null);
        }
        if (code == AppendLog.CLOSED) {
            return new AppendException(Code.CLOSED, "the log is closed");
        }
        AppendException cause = failure.get();
        return new AppendException(
                Code.FAILED,
                "the log failed and is closed for good: " + cause.getMessage(),
                cause.file(),
                cause.index(),
                cause.errno(),
                cause);
    }
}
