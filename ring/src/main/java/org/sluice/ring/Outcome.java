package org.sluice.ring;

import org.sluice.store.Errno;

/**
 * What a CQE means for its operation: done, to be continued, or failed. No CQE is taken to have
 * moved all that was asked; local filesystems do write short, at a size limit or on a full disk.
 */
final class Outcome {
    /** The rest of the operation must be submitted. */
    static final int UNFINISHED = Integer.MIN_VALUE;

    /** Bounds how often one operation is tried without moving a byte. */
    static final int RETRIES_MAX = 100;

    private Outcome() {}

    /**
     * Books a result.
     *
     * @param result what the CQE brought: bytes, or a negated error number
     * @return {@link #UNFINISHED}, or what the completion handler is to be told
     */
    static int of(Operation operation, int result, int alignBytes) {
        if (result < 0) {
            return failed(operation, result);
        }
        return switch (operation.kind) {
            case WRITE -> wrote(operation, result, alignBytes);
            case READ -> read(operation, result, alignBytes);
            case SYNC -> result;
        };
    }

    private static int failed(Operation operation, int result) {
        boolean transientFailure = result == -Errno.EINTR || result == -Errno.EAGAIN;
        return transientFailure ? retry(operation, result) : result;
    }

    private static int wrote(Operation operation, int bytes, int alignBytes) {
        assert bytes <= operation.remaining() : bytes;
        if (bytes == operation.remaining()) {
            return operation.length;
        }
        if (bytes == 0) {
            return -Errno.EIO;
        }
        // O_DIRECT can go on only where it could have started. The piece behind that is written
        // twice.
        int whole = operation.file.isDirect() ? bytes & -alignBytes : bytes;
        if (whole == 0) {
            return retry(operation, -Errno.EIO);
        }
        operation.done += whole;
        operation.retries = 0;
        return UNFINISHED;
    }

    private static int read(Operation operation, int bytes, int alignBytes) {
        assert bytes <= operation.remaining() : bytes;
        operation.done += bytes;
        boolean endsUnaligned =
                operation.file.isDirect() && (operation.done & (alignBytes - 1)) != 0;
        // With O_DIRECT only the end of file stops a read inside a sector.
        if (bytes == 0 || operation.remaining() == 0 || endsUnaligned) {
            return operation.done;
        }
        return UNFINISHED;
    }

    private static int retry(Operation operation, int failure) {
        operation.retries++;
        return operation.retries > RETRIES_MAX ? failure : UNFINISHED;
    }
}
