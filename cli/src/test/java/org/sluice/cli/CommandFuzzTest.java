package org.sluice.cli;

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

/** Commands on logs that a fuzzer made up: the known ones in each build, new ones for long. */
@EnabledOnOs(OS.LINUX)
final class CommandFuzzTest {
    @ParameterizedTest
    @EnumSource
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void knownInputsShouldBeAnsweredNotSuffered(
            CommandFuzz.Command command, @TempDir Path directory) throws IOException {
        List<byte[]> inputs = FuzzCorpus.inputs();
        for (byte[] input : inputs) {
            try {
                CommandFuzz.use(command, input, directory.resolve("log"));
            } catch (RuntimeException | Error e) {
                throw new AssertionError(Base64.getEncoder().encodeToString(input), e);
            }
        }
        System.out.printf("CommandFuzzTest: %,d known inputs, %s%n", inputs.size(), command);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void newInputsShouldBeAnsweredNotSuffered(CommandFuzz.Command command, @TempDir Path directory)
            throws IOException, InterruptedException {
        new Fuzzer(CommandFuzz.class, command.name(), directory).run();
    }
}
