package org.sluice.ring;

/**
 * Whether the engine's thread makes a system call itself instead of giving the ring an operation:
 * the decision records 0011 and 0018. The engine's thread.
 */
final class CallChoice {
    /**
     * What a fast device writes in the time that one sync takes it. With more than this in flight a
     * thread that waits inside a sync keeps the device waiting for its next batch.
     */
    private static final long SYNC_BYTES_MAX = 256 * 1024;

    /** A write that is longer takes the device so long that how it ends matters little. */
    private static final int WRITE_BYTES_MAX = 256 * 1024;

    private long writingBytes;

    /** A write of so many bytes was accepted. */
    void began(int bytes) {
        writingBytes += bytes;
    }

    /** A write of so many bytes was handed out. */
    void ended(int bytes) {
        writingBytes -= bytes;
    }

    /**
     * Whether the next sync is fdatasync(2).
     *
     * @param isBehind whether nobody waits for it
     */
    boolean syncsByCall(boolean isBehind) {
        return !isBehind && writingBytes <= SYNC_BYTES_MAX;
    }

    /**
     * Whether the next write, which somebody waits for, is pwrite(2): alone, and soon over, the way
     * back through the ring is what would take the time.
     */
    boolean writesByCall(int bytes) {
        return writingBytes == 0 && bytes <= WRITE_BYTES_MAX;
    }
}
