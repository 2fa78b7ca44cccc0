package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void medianOfOddCountShouldBeTheMiddle() {
        assertEquals(new Spread(3, 1, 9), Spread.of(new double[] {9, 1, 3}));
    }

    @Test
    void medianOfEvenCountShouldBeBetweenTheMiddleTwo() {
        assertEquals(new Spread(2.5, 1, 10), Spread.of(new double[] {10, 2, 3, 1}));
    }

    @Test
    void spreadOfOneShouldBeThatOne() {
        assertEquals(new Spread(7, 7, 7), Spread.of(new double[] {7}));
    }

    @Test
    void orderShouldStayWithTheCaller() {
        double[] values = {3, 1, 2};

        Spread.of(values);

        assertEquals(3, values[0]);
    }
}
