package org.sluice.appender;

/** Is told how far a long reading of a log has come, on the thread that reads. */
@FunctionalInterface
public interface VerifyProgress {
    /** Tells nobody. */
    VerifyProgress NONE = (bytesDone, bytesTotal) -> {};

    /**
     * Called every few megabytes.
     *
     * @param bytesDone bytes of segment files behind
     * @param bytesTotal bytes of segment files in all, as of the start
     */
    void onProgress(long bytesDone, long bytesTotal);
}
