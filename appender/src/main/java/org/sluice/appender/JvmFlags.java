package org.sluice.appender;

import org.sluice.store.AppendException;

/** Tells of a missing JVM flag in words, before a class fails to link because of it. */
final class JvmFlags {
    private static final String AGRONA_EXPORT =
            "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED";

    private JvmFlags() {}

    /** Must be called before anything that touches an Agrona buffer. */
    static void check() {
        Module internals = Object.class.getModule();
        boolean isExported =
                internals.isExported("jdk.internal.misc", JvmFlags.class.getModule())
                        || internals.isOpen("jdk.internal.misc", JvmFlags.class.getModule());
        if (!isExported) {
            throw new AppendException(
                    AppendException.Code.MISSING_JVM_FLAG,
                    "Sluice's buffers need the JVM flag " + AGRONA_EXPORT);
        }
    }
}
