package org.sluice.appender;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.store.FuzzCorpus;
import org.sluice.store.Fuzzer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Logs that a fuzzer makes up: those that once led somewhere in each build, new ones for long. */
final class LogFuzzTest {
    @ParameterizedTest
    @EnumSource
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void knownInputsShouldBeAnsweredNotSuffered(LogFuzz.Surface surface) {
        List<byte[]> inputs = FuzzCorpus.inputs();
        for (byte[] input : inputs) {
            try {
                LogFuzz.use(surface, input);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(Base64.getEncoder().encodeToString(input), e);
            }
        }
        System.out.printf("LogFuzzTest: %,d known inputs, %s%n", inputs.size(), surface);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    void newInputsShouldBeAnsweredNotSuffered(LogFuzz.Surface surface, @TempDir Path directory)
            throws IOException, InterruptedException {
        new Fuzzer(LogFuzz.class, surface.name(), directory).run();
    }
}
