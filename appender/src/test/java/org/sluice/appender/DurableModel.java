package org.sluice.appender;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says up to which index a log is durable, from nothing but completed writes and syncs. Used by the
 * writer thread; {@link #provenIndex} by any.
 */
final class DurableModel {
    private static final class File {
        final List<ProbedIo.Operation> unsynced = new ArrayList<>();
        final List<ProbedIo.Operation> durable = new ArrayList<>();
        boolean isHeaderDurable;
    }

    private final Map<String, File> files = new HashMap<>();

    /** Base index → next index, of durable batches in files with a durable header. */
    private final TreeMap<Long, Long> batches = new TreeMap<>();

    private volatile long provenIndex = -1;
    private volatile int syncCount;

    /** The highest index up to which everything would survive a power cut now. */
    long provenIndex() {
        return provenIndex;
    }

    /** Syncs that have ended well. */
    int syncCount() {
        return syncCount;
    }

    void written(ProbedIo.Operation write) {
        file(write.name()).unsynced.add(write);
        if (write.isThrough()) {
            durable(write.name(), List.of(write));
        }
    }

    /** What a sync submitted now covers. */
    List<ProbedIo.Operation> coveredBySync(String name) {
        return List.copyOf(file(name).unsynced);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void synced(ProbedIo.Operation sync) {
        durable(sync.name(), sync.covered());
        syncCount++;
    }

    private void durable(String name, List<ProbedIo.Operation> writes) {
        File file = file(name);
        file.unsynced.removeAll(writes);
        file.durable.addAll(writes);
        file.isHeaderDurable |= writes.stream().anyMatch(write -> write.position() == 0);
        if (file.isHeaderDurable) {
            for (ProbedIo.Operation write : file.durable) {
                if (write.entryCount() > 0) {
                    batches.put(write.baseIndex(), write.baseIndex() + write.entryCount());
                }
            }
            file.durable.clear();
        }
        long next = provenIndex + 1;
        Long end;
        while ((end = batches.remove(next)) != null) {
            next = end;
        }
        provenIndex = next - 1;
    }

    private File file(String name) {
        return files.computeIfAbsent(name, key -> new File());
    }
}
