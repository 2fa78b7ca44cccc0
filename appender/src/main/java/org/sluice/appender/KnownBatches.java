package org.sluice.appender;

import java.util.Arrays;

/** The batches known of one segment, by index. */
final class KnownBatches {
    private static final int CAPACITY_MIN = 16;

    private KnownBatch[] batches = new KnownBatch[CAPACITY_MIN];
    private int count;
    private int cost;

    /** The one that holds {@code index}, or null. */
    KnownBatch find(long index) {
        int before = before(index);
        return before >= 0 && batches[before].holds(index) ? batches[before] : null;
    }

    /** Adds {@code batch}, in place of one that held its first entry. */
    void add(KnownBatch batch) {
        KnownBatch former = find(batch.baseIndex());
        if (former != null) {
            remove(former);
        }
        if (count == batches.length) {
            batches = Arrays.copyOf(batches, 2 * count);
        }
        int at = before(batch.baseIndex()) + 1;
        System.arraycopy(batches, at, batches, at + 1, count - at);
        batches[at] = batch;
        count++;
        cost += batch.cost();
    }

    void remove(KnownBatch batch) {
        int at = before(batch.baseIndex());
        assert batches[at] == batch : batch.baseIndex();
        count--;
        System.arraycopy(batches, at + 1, batches, at, count - at);
        batches[count] = null;
        cost -= batch.cost();
    }

    void clear() {
        batches = new KnownBatch[CAPACITY_MIN];
        count = 0;
        cost = 0;
    }

    /** Of all of them. */
    int cost() {
        return cost;
    }

    /** The last that begins at or before {@code index}, -1 if none does. */
    private int before(long index) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (batches[middle].baseIndex() <= index) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
