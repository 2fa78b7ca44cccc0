package org.sluice.appender;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.BatchReader;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.StoreFile;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Changes one byte of what a log itself proves to have been durable: that must be found, and never
 * be taken for the end of the log.
 */
final class SimDamage {
    private record Batch(String name, long position, int length) {}

    private SimDamage() {}

    /** Damages the log in {@code directory}, which is the caller's to give away. */
    static void check(MemoryDirectory directory, Random random) {
        RecoveredLog log = Recovery.recover(directory.copy());
        long proven = LogVerifier.verify(directory, VerifyProgress.NONE).provenDurableIndex();
        List<Batch> batches = batches(directory, log, proven);
        if (batches.isEmpty()) {
            return;
        }
        Batch batch = batches.get(random.nextInt(batches.size()));
        byte[] bytes = directory.bytes(batch.name());
        bytes[(int) batch.position() + random.nextInt(batch.length())] ^= 1;
        directory.overwrite(batch.name(), bytes);

        String where = batch.name() + " at " + batch.position();
        SimModel.check(
                !LogVerifier.verify(directory, VerifyProgress.NONE).isSound(),
                "damage was not found in " + where);
        if (batch.name().equals(name(log.segments().getLast()))) {
            checkRefused(directory, where);
        }
    }

    private static void checkRefused(MemoryDirectory directory, String where) {
        try {
            Recovery.recover(directory);
        } catch (AppendException thrown) {
            SimModel.check(thrown.code() == Code.CORRUPT, where + " is damaged: " + thrown);
            return;
        }
        throw new SimModel.Violation("the log was cut off at damage in " + where);
    }

    /** The batches with entries that something behind them proves to have been durable. */
    private static List<Batch> batches(
            MemoryDirectory directory, RecoveredLog log, long provenIndex) {
        List<Batch> batches = new ArrayList<>();
        BatchReader reader = new BatchReader(AlignedBlockPool.PAGE_BYTES);
        for (RecoveredLog.Segment segment : log.segments()) {
            try (StoreFile file = directory.openForReading(name(segment))) {
                reader.open(file, segment.header());
                long position = SegmentDescriptor.HEADER_BYTES;
                while (position < segment.endPosition() && reader.read(position)) {
                    if (reader.entryCount() > 0 && reader.baseIndex() <= provenIndex) {
                        batches.add(new Batch(name(segment), position, reader.length()));
                    }
                    position = reader.endPosition();
                }
            }
        }
        return batches;
    }

    private static String name(RecoveredLog.Segment segment) {
        return SegmentDescriptor.fileName(segment.header().number());
    }
}
