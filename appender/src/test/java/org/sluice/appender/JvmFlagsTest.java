package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Who forgets the JVM flag is told so in a sentence, instead of by an error of linkage. */
class JvmFlagsTest {
    private static final String REFUSAL =
            "MISSING_JVM_FLAG: Sluice's buffers need the JVM flag"
                    + " --add-exports java.base/jdk.internal.misc=ALL-UNNAMED";

    @TempDir private Path temp;

    private Path directory() {
        return temp.resolve("log");
    }

    @Test
    void whateverIsFirstShouldNameMissingFlag() throws Exception {
        List<String> lines = run(List.of("--enable-native-access=ALL-UNNAMED"));

        assertEquals(List.of(REFUSAL, REFUSAL, REFUSAL), lines);
        assertFalse(Files.exists(directory()), "what was refused left something behind");
    }

    @Test
    void exportedOrOpenedPackageShouldDo() throws Exception {
        String name = "java.base/jdk.internal.misc=ALL-UNNAMED";

        for (String flag : List.of("--add-exports=" + name, "--add-opens=" + name)) {
            List<String> lines = run(List.of(flag, "--enable-native-access=ALL-UNNAMED"));
            assertEquals(List.of("done", "done", "done"), lines, flag);
        }
    }

    /** The channel needs nothing native. */
    @Test
    void logShouldDoWithoutNativeAccessWhereItIsDenied() throws Exception {
        List<String> flags =
                List.of(
                        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--illegal-native-access=deny");

        List<String> lines = run(flags);

        assertEquals(3, Collections.frequency(lines, "done"), lines::toString);
        String reason = "native access is denied to Sluice by the JVM's flags";
        assertTrue(lines.stream().anyMatch(line -> line.contains(reason)), lines::toString);
    }

    private List<String> run(List<String> flags) throws IOException, InterruptedException {
        Process child =
                ChildJvm.withFlags(flags, JvmFlagsChild.class, directory())
                        .redirectErrorStream(true)
                        .redirectOutput(temp.resolve("output").toFile())
                        .start();
        try {
            assertTrue(child.waitFor(30, TimeUnit.SECONDS), "the child does not end");
            String output = Files.readString(temp.resolve("output"), StandardCharsets.UTF_8);
            assertEquals(0, child.exitValue(), output);
            return output.lines().toList();
        } finally {
            child.destroyForcibly();
        }
    }
}
