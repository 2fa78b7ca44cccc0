package org.sluice.appender;

/**
 * How much of a log's files has been read, told to a {@link VerifyProgress} now and then.
 *
 * <p>One thread.
 */
final class ReadProgress {
    private static final long STEP_BYTES = 8L << 20;

    private final VerifyProgress listener;
    private final long bytesTotal;

    /** In the segments that are done. */
    private long bytesBefore;

    private long bytesReported;

    ReadProgress(VerifyProgress listener, long bytesTotal) {
        this.listener = listener;
        this.bytesTotal = bytesTotal;
    }

    /** The segment being read is read up to {@code position}. */
    void onPosition(long position) {
        report(bytesBefore + position);
    }

    /** A segment is done, whether it was read or passed over. */
    void onSegment(long fileBytes) {
        bytesBefore += fileBytes;
        report(bytesBefore);
    }

    private void report(long bytesDone) {
        if (bytesDone - bytesReported >= STEP_BYTES || bytesDone == bytesTotal) {
            bytesReported = bytesDone;
            listener.onProgress(Math.min(bytesDone, bytesTotal), bytesTotal);
        }
    }
}
