package org.sluice.appender;

import org.sluice.store.StoreFile;

import java.util.ArrayList;
import java.util.List;

/**
 * What a reader of single entries knows of the segments it used last. Few of their files are open:
 * one that is keeps its space on the disk when retention deletes it. One thread.
 */
final class KnownSegments implements AutoCloseable {
    private static final int COUNT_MAX = 64;
    static final int OPEN_MAX = 16;

    /** What the known batches take at most: 10 MiB, for 4 GiB in large ones. */
    static final int COST_MAX = 1 << 20;

    private final LogView view;
    private final int costMax;

    /** The one used last stands last. */
    private final List<KnownSegment> segments = new ArrayList<>(COUNT_MAX);

    private ReadAhead ahead;

    /**
     * @param costMax of known batches, of all segments together
     */
    KnownSegments(LogView view, int costMax) {
        this.view = view;
        this.costMax = costMax;
    }

    /** The segment, with its file open; null if that is gone. */
    KnownSegment use(ListedSegment segment) {
        KnownSegment known = find(segment);
        if (known == null || known.file() == null) {
            known = open(segment, known);
        }
        return known;
    }

    /** The segment, which is then the one used last; null if it is not known. */
    private KnownSegment find(ListedSegment segment) {
        for (int i = segments.size() - 1; i >= 0; i--) {
            KnownSegment known = segments.get(i);
            if (known.segment().equals(segment)) {
                if (i < segments.size() - 1) {
                    segments.remove(i);
                    segments.add(known);
                }
                return known;
            }
        }
        return null;
    }

    private KnownSegment open(ListedSegment segment, KnownSegment former) {
        StoreFile opened = view.open(segment);
        if (opened == null) {
            segments.remove(former);
            return null;
        }
        AheadFile file = new AheadFile(segment.name(), opened);
        file.look(ahead);
        if (former != null) {
            former.open(file);
            limit();
            return former;
        }
        KnownSegment known = KnownSegment.readOrNull(segment, file);
        if (known != null) {
            segments.add(known);
            limit();
        }
        return known;
    }

    /** Closes files, and forgets segments, of which there are too many. */
    private void limit() {
        if (segments.size() > COUNT_MAX) {
            segments.removeFirst().close();
        }
        int open = 0;
        for (int i = segments.size() - 1; i >= 0; i--) {
            KnownSegment known = segments.get(i);
            if (known.file() != null && ++open > OPEN_MAX) {
                known.close();
            }
        }
    }

    /** Remembers a batch of {@code segment}, at the cost of those used the longest time ago. */
    void remember(KnownSegment segment, KnownBatch batch) {
        int cost = batch.cost();
        for (KnownSegment known : segments) {
            cost += known.batches().cost();
        }
        for (int i = 0; i < segments.size() && cost > costMax; i++) {
            cost -= segments.get(i).batches().cost();
            segments.get(i).batches().clear();
        }
        if (cost <= costMax) {
            segment.batches().add(batch);
        }
    }

    /** From now on files are read from {@code target} as far as that goes; null: no longer. */
    void look(ReadAhead target) {
        ahead = target;
        for (KnownSegment known : segments) {
            if (known.file() != null) {
                known.file().look(target);
            }
        }
    }

    /** Forgets those that are no longer what they were when they were listed. */
    void dropOutdated() {
        segments.removeIf(
                known -> {
                    ListedSegment now = view.listing().find(known.segment().number());
                    boolean isOutdated = !known.segment().equals(now);
                    if (isOutdated) {
                        known.close();
                    }
                    return isOutdated;
                });
    }

    void drop(KnownSegment gone) {
        segments.remove(gone);
        gone.close();
    }

    /** Forgets all. */
    @Override
    public void close() {
        segments.forEach(KnownSegment::close);
        segments.clear();
    }
}
