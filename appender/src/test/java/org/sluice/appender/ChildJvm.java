package org.sluice.appender;

import org.sluice.store.JavaCommand;

import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that is quick to start, with assertions and the tests' class path. */
final class ChildJvm {
    private static final List<String> QUICK =
            List.of("-ea", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private ChildJvm() {}

    /** Runs {@code main} with the flags that README asks for. */
    static ProcessBuilder of(Class<?> main, Object... arguments) {
        return withFlags(JavaCommand.FLAGS, main, arguments);
    }

    /** Runs {@code main} with other flags. */
    static ProcessBuilder withFlags(List<String> flags, Class<?> main, Object... arguments) {
        List<String> all = new ArrayList<>(QUICK);
        all.addAll(flags);
        return new ProcessBuilder(JavaCommand.of(all, main, arguments));
    }
}
