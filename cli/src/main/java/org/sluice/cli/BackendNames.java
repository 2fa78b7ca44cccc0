package org.sluice.cli;

import org.sluice.store.Backend;

import java.util.Locale;

/** Backends by the names that {@code --backend} takes. */
final class BackendNames {
    private BackendNames() {}

    static String of(Backend backend) {
        return backend.name().toLowerCase(Locale.ROOT);
    }
}
