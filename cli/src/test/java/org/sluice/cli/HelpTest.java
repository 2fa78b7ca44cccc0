package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HelpTest {
    @ParameterizedTest
    @ValueSource(strings = {"append", "cat", "info", "verify", "repair", "doctor", "demo"})
    void everyCommandShouldExplainItself(String command) {
        CommandRun help = CommandRun.of(command, "--help").expectOk();

        assertTrue(help.text().startsWith("Usage: sluice " + command), help.text());
        assertTrue(help.text().contains("--backend"), help.text());
        assertTrue(help.text().contains("--debug"), help.text());
        assertEquals("", help.err());
        assertTrue(CommandRun.of("--help").expectOk().text().contains("\n  " + command + " "));
    }

    @Test
    void helpShouldNameTheLoadRig() {
        assertTrue(CommandRun.of("--help").expectOk().text().contains("\n  bench "));
    }

    @Test
    void helpShouldListTheExitCodes() {
        assertTrue(CommandRun.of("--help").expectOk().text().contains("Exit codes:"));
        assertTrue(CommandRun.of("--version").expectOk().text().startsWith("sluice "));
    }

    @Test
    void noCommandOrAnUnknownOneShouldBeMisuse() {
        assertEquals(ExitCode.USAGE, CommandRun.of().code());
        assertEquals(ExitCode.USAGE, CommandRun.of("bogus").code());
        assertEquals(ExitCode.USAGE, CommandRun.of("cat").code());
    }
}
