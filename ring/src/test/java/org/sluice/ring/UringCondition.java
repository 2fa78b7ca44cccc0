package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.sluice.store.AsyncFileContractTest;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;

/**
 * For tests that need io_uring: they are skipped with the reason where there is none, and fail
 * where it is required ({@code -Dsluice.requireUring=true}).
 */
public final class UringCondition implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Capabilities capabilities = UringProbe.probe(null);
        if (!capabilities.has(Feature.IO_URING)) {
            skip(capabilities.features().get(Feature.IO_URING).reason());
        }
    }

    private static void skip(String reason) {
        if (Boolean.getBoolean(AsyncFileContractTest.REQUIRE_URING)) {
            fail("io_uring is required, but: " + reason);
        }
        abort(reason);
    }
}
