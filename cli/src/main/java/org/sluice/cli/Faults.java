package org.sluice.cli;

import org.sluice.store.AppendException;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Turns what was thrown into one sentence on standard error and an {@link ExitCode}. */
final class Faults implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final StandardStreams streams;

    Faults(StandardStreams streams) {
        this.streams = streams;
    }

    /** An argument was not understood: says which, and where the help is. */
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        say(withoutStop(misuse(e)) + " (see '" + command + " --help').");
        return ExitCode.USAGE;
    }

    private static String misuse(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return e.getMessage();
        }
        String first = unmatched.getUnmatched().getFirst();
        if (unmatched.isUnknownOption()) {
            return "there is no option '" + first + "'";
        }
        return e.getCommandLine().getParent() == null
                ? "there is no command '" + first + "'"
                : "there is one argument too many, '" + first + "'";
    }

    /** A command failed. */
    @Override
    public int handleExecutionException(
            Exception thrown, CommandLine commandLine, ParseResult parsed) throws Exception {
        if (thrown instanceof ParameterException e) {
            return handleParseException(e, new String[0]);
        }
        if (isReaderGone(thrown)) {
            return ExitCode.OK;
        }
        Exception failure = flushed(thrown);
        if (isReaderGone(failure)) {
            return ExitCode.OK;
        }
        say(sentenceOf(failure));
        if (commandLine.getCommand() instanceof LogCommand command
                && command.common().isDebugging()) {
            failure.printStackTrace(streams.err());
        }
        return codeOf(failure);
    }

    /** Writes what is still buffered; that may fail too. */
    int afterFlush(int code) {
        try {
            streams.out().flush();
            return code;
        } catch (OutputException e) {
            if (isReaderGone(e)) {
                return code;
            }
            say(sentenceOf(e));
            return ExitCode.FAULT;
        }
    }

    /** What was read before the fault gets out before the fault is told. */
    private Exception flushed(Exception thrown) {
        try {
            streams.out().flush();
            return thrown;
        } catch (OutputException e) {
            return e;
        }
    }

    /** A pipe whose reader has had enough is no fault of the log's. */
    private boolean isReaderGone(Exception thrown) {
        return thrown instanceof OutputException && streams.isOutPipe();
    }

    private static int codeOf(Exception thrown) {
        if (!(thrown instanceof AppendException e)) {
            return ExitCode.FAULT;
        }
        return switch (e.code()) {
            case CORRUPT -> ExitCode.DAMAGED;
            case NOT_FOUND,
                    NOT_A_LOG,
                    NEWER_FORMAT,
                    INDEX_TRUNCATED,
                    INDEX_NOT_WRITTEN,
                    ENTRY_ABORTED ->
                    ExitCode.NOT_THERE;
            default -> ExitCode.FAULT;
        };
    }

    private static String sentenceOf(Exception thrown) {
        boolean isExplained =
                thrown instanceof AppendException
                        || thrown instanceof InputException
                        || thrown instanceof OutputException;
        if (isExplained) {
            return withoutStop(thrown.getMessage()) + ".";
        }
        if (thrown instanceof IOException || thrown instanceof UncheckedIOException) {
            return "input or output failed: " + thrown + ".";
        }
        return "an unexpected fault, " + thrown + " (--debug shows where).";
    }

    private void say(String sentence) {
        streams.err().println("sluice: " + sentence.replaceAll("\\s*\\R\\s*", " "));
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
