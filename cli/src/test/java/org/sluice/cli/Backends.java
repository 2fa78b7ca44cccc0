package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.ring.UringProbe;
import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;

import java.util.stream.Stream;

/** The backends to test with: io_uring only where it runs, unless it is required. */
final class Backends {
    private Backends() {}

    static Stream<String> names() {
        Capabilities capabilities = UringProbe.probe(null);
        boolean hasUring = capabilities.has(Feature.IO_URING);
        assertTrue(
                hasUring || !Boolean.getBoolean(AsyncFileContractTest.REQUIRE_URING),
                () -> capabilities.features().get(Feature.IO_URING).reason());
        return hasUring ? Stream.of("channel", "uring") : Stream.of("channel");
    }
}
