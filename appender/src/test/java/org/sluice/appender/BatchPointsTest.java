package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.sluice.store.IndexDescriptor;

class BatchPointsTest {
    private static final int SPACING = IndexDescriptor.POINT_SPACING_BYTES;

    @Test
    void searchShouldFindThePointsAround() {
        BatchPoints points = new BatchPoints();
        assertEquals(-1, points.positionBefore(0, -1));
        assertEquals(-2, points.positionAfter(0, -2));
        for (int i = 0; i < 100; i++) {
            points.add(10L * i, (long) SPACING * i);
        }

        for (int i = 0; i < 100; i++) {
            assertEquals((long) SPACING * i, points.positionBefore(10L * i, -1));
            assertEquals((long) SPACING * i, points.positionBefore(10L * i + 9, -1));
            long after = i == 99 ? -2 : (long) SPACING * (i + 1);
            assertEquals(after, points.positionAfter(10L * i, -2));
            assertEquals(after, points.positionAfter(10L * i + 9, -2));
        }
    }

    @Test
    void pointsShouldKeepTheirDistance() {
        BatchPoints points = new BatchPoints();
        points.add(5, 4096);
        points.add(6, 4096 + SPACING - 1);
        points.add(7, 4096 + SPACING);

        assertEquals(4096, points.positionBefore(6, -1));
        assertEquals(4096 + SPACING, points.positionBefore(7, -1));
        assertEquals(-1, points.positionBefore(4, -1));
    }
}
