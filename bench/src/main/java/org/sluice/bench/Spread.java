package org.sluice.bench;

import java.util.Arrays;

/**
 * What several rounds came to.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param min the lowest
 * @param max the highest
 */
public record Spread(double median, double min, double max) {
    static Spread of(double[] values) {
        if (values.length == 0) {
            return new Spread(0, 0, 0);
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
