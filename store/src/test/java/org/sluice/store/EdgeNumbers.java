package org.sluice.store;

import java.util.random.RandomGenerator;

/**
 * Numbers at which code goes wrong, for whoever forges fields: the edges of types, and of what the
 * format counts.
 */
public final class EdgeNumbers {
    /**
     * The inputs of {@link FuzzCorpus} count on their order: the remainder of a number picks one,
     * so none may be added.
     */
    private static final long[] EDGES = {
        0,
        1,
        -1,
        -2,
        7,
        8,
        47,
        48,
        49,
        56,
        511,
        512,
        4_095,
        4_096,
        4_097,
        61_440,
        65_535,
        65_536,
        131_072,
        64 << 20,
        (64 << 20) + 1,
        Integer.MAX_VALUE - 7,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xFFFF_FFFFL,
        1L << 40,
        (1L << 40) + 1,
        Long.MAX_VALUE - 8,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private EdgeNumbers() {}

    /** One of them; {@code number} may be larger than there are. */
    static long at(int number) {
        return EDGES[number % EDGES.length];
    }

    /** Any of them, or in half of the cases a number close to {@code old}. */
    public static long near(long old, RandomGenerator random) {
        return random.nextBoolean()
                ? EDGES[random.nextInt(EDGES.length)]
                : old + random.nextInt(17) - 8;
    }
}
