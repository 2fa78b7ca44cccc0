package org.sluice.store;

import java.util.random.RandomGenerator;

/** Where the fields of a segment's header are, for whoever forges one of them. */
public final class HeaderFields {
    /**
     * The inputs of {@link FuzzCorpus} count on the order of both, as on that of {@link
     * EdgeNumbers}.
     */
    private static final int[] LONGS = {
        SegmentDescriptor.MAGIC_OFFSET,
        SegmentDescriptor.NUMBER_OFFSET,
        SegmentDescriptor.BASE_INDEX_OFFSET,
        SegmentDescriptor.CREATION_TIME_OFFSET,
        SegmentDescriptor.SEGMENT_BYTES_OFFSET,
        SegmentDescriptor.LOG_ID_OFFSET
    };

    private static final int[] INTS = {
        SegmentDescriptor.VERSION_OFFSET,
        SegmentDescriptor.STATE_OFFSET,
        SegmentDescriptor.INDEX_BYTES_OFFSET,
        SegmentDescriptor.ALIGN_BYTES_OFFSET,
        SegmentDescriptor.BATCH_BYTES_MAX_OFFSET,
        SegmentDescriptor.FLAGS_OFFSET
    };

    private HeaderFields() {}

    /** One of 8 bytes; {@code number} may be larger than there are. */
    static int longAt(int number) {
        return LONGS[number % LONGS.length];
    }

    /** One of 4 bytes; {@code number} may be larger than there are. */
    static int intAt(int number) {
        return INTS[number % INTS.length];
    }

    /** Any of 8 bytes. */
    public static int anyLong(RandomGenerator random) {
        return longAt(random.nextInt(LONGS.length));
    }

    /** Any of 4 bytes. */
    public static int anyInt(RandomGenerator random) {
        return intAt(random.nextInt(INTS.length));
    }
}
