package org.sluice.bench;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

import java.nio.file.FileSystemException;
import java.util.function.BooleanSupplier;

/** Turns what was thrown into one sentence on standard error and an exit status. */
final class Faults implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final int FAILED = 1;

    private final BooleanSupplier isDebugging;

    Faults(BooleanSupplier isDebugging) {
        this.isDebugging = isDebugging;
    }

    /** An argument was not understood: says which, and where the help is. */
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        return misuse(e.getCommandLine(), e.getMessage());
    }

    /** A command failed; wrong arguments that only the command could tell are misuse too. */
    @Override
    public int handleExecutionException(
            Exception thrown, CommandLine commandLine, ParseResult parsed) {
        // Of a file the message is often its name alone.
        boolean saysAll = thrown.getMessage() != null && !(thrown instanceof FileSystemException);
        String message = saysAll ? thrown.getMessage() : thrown.toString();
        int status = FAILED;
        if (thrown instanceof IllegalArgumentException) {
            status = misuse(commandLine, message);
        } else {
            say(commandLine, withoutStop(message) + ".");
        }
        if (isDebugging.getAsBoolean()) {
            thrown.printStackTrace(commandLine.getErr());
        }
        return status;
    }

    private static int misuse(CommandLine commandLine, String message) {
        String command = commandLine.getCommandSpec().qualifiedName();
        say(commandLine, withoutStop(message) + " (see '" + command + " --help').");
        return commandLine.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static void say(CommandLine commandLine, String sentence) {
        commandLine.getErr().println("sluice bench: " + sentence.replaceAll("\\s*\\R\\s*", " "));
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
