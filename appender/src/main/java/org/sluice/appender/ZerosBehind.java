package org.sluice.appender;

import org.agrona.BitUtil;
import org.sluice.store.AlignedBlock;
import org.sluice.store.Preallocation;

/**
 * Zeros behind a batch, in the same write, where the next batches will go: the first write to a
 * block that is only reserved changes the filesystem's metadata, and so one batch pays for many
 * (decision 0019). Only for a log with time to spare. Writer thread only.
 */
final class ZerosBehind {
    /** They go up to the next multiple of this. */
    private static final int ALIGN_BYTES = 128 * 1024;

    private final boolean isWanted;

    ZerosBehind(AppendLogConfig config) {
        isWanted =
                config.preallocate() == Preallocation.AUTO
                        && config.syncPolicy().kind() != SyncPolicy.Kind.NEVER;
    }

    /**
     * Adds zeros behind the batch of {@code length} bytes in {@code block}, to be written where
     * {@code segment} stands; none where its blocks have been written.
     *
     * @return how many
     */
    int add(AlignedBlock block, int length, ActiveSegment segment) {
        long end = segment.position + length;
        if (!isWanted || end <= segment.writtenTo) {
            return 0;
        }
        long room = Math.min(segment.header.indexPosition(), segment.position + block.bytes());
        int zeros = (int) (Math.min(BitUtil.align(end, ALIGN_BYTES), room) - end);
        block.buffer().setMemory(length, zeros, (byte) 0);
        return zeros;
    }
}
