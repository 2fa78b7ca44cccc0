package org.sluice.appender;

import org.sluice.store.AlignedBlock;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncIo;
import org.sluice.store.Backend;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.CompletionHandler;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The engine of a {@link ProbedStorage}. */
final class ProbedIo implements AsyncIo {
    enum Kind {
        WRITE,
        SYNC
    }

    /**
     * What was asked of the disk.
     *
     * @param tag the log's own
     * @param baseIndex of the batch written, 0 if it is none
     * @param covered the writes that a sync makes durable
     */
    record Operation(
            Kind kind,
            String name,
            long position,
            int length,
            boolean isThrough,
            long tag,
            long baseIndex,
            int entryCount,
            List<Operation> covered) {}

    private static final long LOOK_AGAIN_NS = 50_000;

    private record Ended(Operation operation, int result) {}

    private final ProbedStorage storage;
    private final AsyncIo target;
    private final Map<Long, Operation> operations = new HashMap<>();
    private final ArrayDeque<Ended> ended = new ArrayDeque<>();
    private final CompletionHandler collect = this::collect;
    private long nextTag;
    private boolean isClosed;

    ProbedIo(ProbedStorage storage, AsyncIo target) {
        this.storage = storage;
        this.target = target;
    }

    @Override
    public Backend backend() {
        return target.backend();
    }

    @Override
    public int alignBytes() {
        return target.alignBytes();
    }

    @Override
    public int capacity() {
        return target.capacity();
    }

    @Override
    public int inFlight() {
        return isClosed ? storage.leftAtClose() : target.inFlight() + ended.size();
    }

    @Override
    public AsyncFile open(String name) {
        return new ProbedFile(name, target.open(name));
    }

    @Override
    public int poll(CompletionHandler handler) {
        target.poll(collect);
        return handOut(handler);
    }

    @Override
    public int await(CompletionHandler handler, long timeoutNs) {
        if (target.inFlight() > 0) {
            target.await(collect, ended.isEmpty() ? timeoutNs : 0);
        } else if (ended.stream().allMatch(end -> storage.isHeld(end.operation()))) {
            LockSupport.parkNanos(Math.min(timeoutNs, LOOK_AGAIN_NS));
        }
        return handOut(handler);
    }

    /** Waits for what is held back too; then fails if that is asked for. */
    @Override
    public void close() {
        while (inFlight() > 0) {
            await((tag, result) -> {}, LOOK_AGAIN_NS);
        }
        target.close();
        isClosed = true;
        storage.closed();
    }

    private void collect(long tag, int result) {
        ended.add(new Ended(operations.remove(tag), result));
    }

    private int handOut(CompletionHandler handler) {
        int count = 0;
        for (int left = ended.size(); left > 0; left--) {
            Ended end = ended.remove();
            Operation operation = end.operation();
            if (storage.isHeld(operation)) {
                ended.add(end);
                continue;
            }
            count++;
            if (end.result() >= 0) {
                switch (operation.kind()) {
                    case WRITE -> storage.model().written(operation);
                    case SYNC -> storage.model().synced(operation);
                }
            }
            handler.onCompletion(operation.tag(), end.result());
        }
        return count;
    }

    /** Fails the operation if that is asked for; else notes it under the tag for the real disk. */
    private boolean fails(Operation operation) {
        int errno = storage.errnoOf(operation);
        if (errno != 0) {
            ended.add(new Ended(operation, -errno));
        }
        return errno != 0;
    }

    private long note(Operation operation) {
        operations.put(nextTag, operation);
        return nextTag++;
    }

    private final class ProbedFile implements AsyncFile {
        private final String name;
        private final AsyncFile file;

        ProbedFile(String name, AsyncFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public boolean writeAt(
                long position, AlignedBlock block, int offset, int length, Reach reach, long tag) {
            if (inFlight() == capacity()) {
                return false;
            }
            Operation write = writing(position, block, offset, length, reach, tag);
            storage.submitted(write, false);
            return fails(write)
                    || file.writeAt(position, block, offset, length, reach, note(write));
        }

        @Override
        public boolean writeAwaited(
                long position, AlignedBlock block, int offset, int length, long tag) {
            if (inFlight() == capacity()) {
                return false;
            }
            Operation write = writing(position, block, offset, length, Reach.WRITTEN, tag);
            storage.submitted(write, true);
            return fails(write) || file.writeAwaited(position, block, offset, length, note(write));
        }

        private Operation writing(
                long position, AlignedBlock block, int offset, int length, Reach reach, long tag) {
            boolean isBatch = position > 0;
            return new Operation(
                    Kind.WRITE,
                    name,
                    position,
                    length,
                    reach == Reach.DURABLE,
                    tag,
                    isBatch ? BatchDescriptor.baseIndex(block.buffer(), offset) : 0,
                    isBatch ? BatchDescriptor.entryCount(block.buffer(), offset) : 0,
                    List.of());
        }

        @Override
        public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
            throw new AssertionError("the writer never reads");
        }

        @Override
        public boolean sync(long tag) {
            return sync(tag, false);
        }

        @Override
        public boolean syncBehind(long tag) {
            return sync(tag, true);
        }

        private boolean sync(long tag, boolean isBehind) {
            if (inFlight() == capacity()) {
                return false;
            }
            Operation sync =
                    new Operation(
                            Kind.SYNC,
                            name,
                            0,
                            0,
                            false,
                            tag,
                            0,
                            0,
                            storage.model().coveredBySync(name));
            storage.syncing(isBehind);
            return fails(sync) || (isBehind ? file.syncBehind(note(sync)) : file.sync(note(sync)));
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public Backend backend() {
            return file.backend();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
