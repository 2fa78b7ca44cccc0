package org.sluice.bench.micro;

/** What the JVM of each benchmark needs. */
public final class Flags {
    /** For Agrona's buffers. */
    public static final String EXPORTS = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

    /** For calls of native functions. */
    public static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

    /** JMH itself uses what JDK 25 warns of. */
    public static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";

    private Flags() {}
}
