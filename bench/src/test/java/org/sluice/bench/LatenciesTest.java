package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.Set;

class LatenciesTest {
    @Test
    void histogramsShouldSurviveTheWayBetweenProcesses() {
        Latencies latencies = new Latencies();
        Latencies.record(latencies.of(Latencies.Kind.DURABLE), 1_000_000);
        Latencies.record(latencies.of(Latencies.Kind.DURABLE), 30);

        var encoded = latencies.encode();

        assertEquals(Set.of("durable"), encoded.keySet());
        assertEquals(
                latencies.of(Latencies.Kind.DURABLE), Latencies.decode(encoded.get("durable")));
    }
}
