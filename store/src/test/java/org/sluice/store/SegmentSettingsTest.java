package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SegmentSettingsTest {
    private static final long SEGMENT_BYTES = SegmentDescriptor.SEGMENT_BYTES_MIN;

    @Test
    void settingsOutOfBoundsShouldBeRefusedWithTheirValues() {
        assertRefused("65535", () -> settings(65535, 512, 8192, 1, 0, 0));
        assertRefused("1000", () -> settings(SEGMENT_BYTES, 1000, 8192, 1, 0, 0));
        assertRefused("8192", () -> settings(SEGMENT_BYTES, 8192, 8192, 1, 0, 0));
        assertRefused("47", () -> settings(SEGMENT_BYTES, 512, 47, 1, 0, 0));
        assertRefused("0", () -> settings(SEGMENT_BYTES, 512, 8192, 0, 0, 0));
        assertRefused("-1", () -> settings(SEGMENT_BYTES, 512, 8192, 1, -1, 0));
        assertRefused("-2", () -> settings(SEGMENT_BYTES, 512, 8192, 1, 0, -2));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SegmentSettings(SEGMENT_BYTES, 512, 8192, Preallocation.AUTO, 1, 0, 0));
    }

    private static void assertRefused(String value, Runnable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(e.getMessage().endsWith(": " + value), e.getMessage());
    }

    private static SegmentSettings settings(
            long segmentBytes,
            int alignBytes,
            int batchBytesMax,
            int preparedCount,
            long retentionBytes,
            long retentionAgeNs) {
        return new SegmentSettings(
                segmentBytes,
                alignBytes,
                batchBytesMax,
                Preallocation.ZERO,
                preparedCount,
                retentionBytes,
                retentionAgeNs);
    }
}
