package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What the command line says where it is not used as it is meant. */
final class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private PrintStream processOut;
    private PrintStream processErr;

    /** Picocli takes the process's streams. */
    @BeforeEach
    void capture() {
        processOut = System.out;
        processErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(processOut);
        System.setErr(processErr);
    }

    private static int run(String line) {
        return Main.run(System.out, line.isEmpty() ? new String[0] : line.split(" "));
    }

    private String told() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bogus",
                "throughput --bogus",
                "throughput --size=many",
                "throughput --size=8",
                "throughput --size=3G",
                "async-durable --window=3000M",
                "throughput --block=4G",
                "paced --rate",
                "soak --minutes=-1",
                "soak --minutes=x"
            })
    void misuseShouldBeOneSentenceAndAHint(String line) {
        int status = run(line);

        assertEquals(2, status);
        assertEquals(1, told().lines().count(), told());
        assertTrue(told().startsWith("sluice bench: "), told());
        assertTrue(told().contains("(see 'sluice bench"), told());
        assertTrue(told().endsWith(" --help').\n"), told());
    }

    @ParameterizedTest
    @ValueSource(strings = {"throughput --size=8", "soak --minutes=-1"})
    void onlyDebugShouldShowWhereAnErrorArose(String line) {
        run(line);
        assertFalse(told().contains("\tat "), told());

        run(line + " --debug");
        assertTrue(told().contains("\tat "), told());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "throughput --version", "soak --version"})
    void versionShouldBeTold(String line) {
        assertEquals(0, run(line));
        assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("sluice bench "));
    }
}
