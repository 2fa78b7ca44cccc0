package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class QuietDeviceTest {
    @Test
    void inFlightShouldAddUpTheRequestsOfAllDevices() {
        String stats =
                """
                   7       0 loop0 8 1 13 86 10 38 14 30 0 271 586 0 0 0 0 40 19
                 254       0 vda 5 0 40 3 9 2 88 7 3 12 22 1 0 8 2 4 1
                 254       1 vda1 5 0 40 3 9 2 88 7 2 12 22
                """;

        assertEquals(5, QuietDevice.inFlight(stats));
    }

    @Test
    void lineOfAnOlderKernelShouldCountForNothing() {
        assertEquals(0, QuietDevice.inFlight("   8       1 sda1 5 40 9 88\n"));
    }
}
