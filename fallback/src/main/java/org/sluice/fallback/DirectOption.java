package org.sluice.fallback;

import java.nio.file.OpenOption;

/**
 * The JDK's option for O_DIRECT, {@code com.sun.nio.file.ExtendedOpenOption.DIRECT}. Looked up by
 * name: it belongs to the module jdk.unsupported, which a runtime image need not have.
 */
final class DirectOption {
    private static final String ENUM = "com.sun.nio.file.ExtendedOpenOption";

    private DirectOption() {}

    /** The option, or null where there is none. */
    static OpenOption find() {
        try {
            for (Object option : Class.forName(ENUM).getEnumConstants()) {
                if (option instanceof Enum<?> e && e.name().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
            return null;
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
