package org.sluice.appender;

import org.sluice.store.IndexDescriptor;

import java.util.Arrays;

/**
 * Where some of the batches of a segment stand that has no sparse index yet, collected by whoever
 * walks it. Grows with the segment: a point for every {@link IndexDescriptor#POINT_SPACING_BYTES}.
 */
final class BatchPoints {
    private static final int CAPACITY_MIN = 16;

    private long[] indexes = new long[CAPACITY_MIN];
    private long[] positions = new long[CAPACITY_MIN];
    private int count;

    /** A batch that begins with {@code index} stands at {@code position}. */
    void add(long index, long position) {
        if (count > 0 && position - positions[count - 1] < IndexDescriptor.POINT_SPACING_BYTES) {
            return;
        }
        if (count == indexes.length) {
            indexes = Arrays.copyOf(indexes, 2 * count);
            positions = Arrays.copyOf(positions, 2 * count);
        }
        indexes[count] = index;
        positions[count] = position;
        count++;
    }

    /** Position of the last point at or before {@code index}, or {@code otherwise}. */
    long positionBefore(long index, long otherwise) {
        int point = lastAtMost(index);
        return point < 0 ? otherwise : positions[point];
    }

    /** Position of the first point after {@code index}, or {@code otherwise}. */
    long positionAfter(long index, long otherwise) {
        int point = lastAtMost(index) + 1;
        return point == count ? otherwise : positions[point];
    }

    private int lastAtMost(long index) {
        int found = Arrays.binarySearch(indexes, 0, count, index);
        return found >= 0 ? found : -found - 2;
    }
}
